import logging
import sys

from mcp.server.fastmcp import FastMCP

logging.basicConfig(level="INFO", stream=sys.stdout)  # FOUND
mcp = FastMCP("notes")
print("loading notes")  # FOUND


@mcp.tool()
def search(query: str) -> str:
    """Search the notes."""
    print(f"searching {query}")  # FOUND
    return helper(query)


def helper(query):
    sys.stdout.write(query)  # FOUND
    return query


@mcp.tool()
def first(query: str) -> str:
    """The first of the notes."""
    if not query:
        print("no query")  # FOUND
        return ""
    return query


if __name__ == "__main__":
    print("starting")  # FOUND
    mcp.run()
