import logging
import sys

from mcp.server.fastmcp import FastMCP
from rich.console import Console

logging.basicConfig(level="INFO")
console = Console(stderr=True)
mcp = FastMCP("notes")


@mcp.tool()
def search(query: str) -> str:
    """Search the notes."""
    print(f"searching {query}", file=sys.stderr)
    console.print(query)
    logging.info("searching")
    return query


def main():
    try:
        mcp.run(transport="stdio")
    except KeyboardInterrupt:
        print("stopped")


if __name__ == "__main__":
    main()


def serve(transport):
    if transport == "streamable-http":
        print("serving on port 8000")
        mcp.run(transport="streamable-http")


def set_up(debug):
    """Nothing calls this any more."""
    if debug:
        print("debug logging enabled")


def run():
    try:
        mcp.run(transport="stdio")
    except Exception as error:
        print(f"cannot start: {error}")
        sys.exit(1)
