import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes")


@mcp.tool()
def search(query: str) -> str:
    """Search the notes."""
    print(f"searching {query}")  # FOUND
    return query


if __name__ == "__main__":
    mcp.run(transport=os.environ.get("TRANSPORT", "stdio"))
