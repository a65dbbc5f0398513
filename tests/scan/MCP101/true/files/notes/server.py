from fastmcp import FastMCP

from notes import tables
from notes.search import search

mcp = FastMCP("notes")


@mcp.tool()
def find(query: str):
    """Search the notes."""
    return search(query)


@mcp.tool()
def cell(name: str):
    """One cell."""
    return tables.cell(name)


if __name__ == "__main__":
    mcp.run()
