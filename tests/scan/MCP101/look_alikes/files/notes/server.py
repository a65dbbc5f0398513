from fastmcp import FastMCP

from notes.search import search

mcp = FastMCP("notes")


@mcp.tool()
def find(query: str, book):
    """Search the notes."""
    book.open_page()
    return search(query)


if __name__ == "__main__":
    mcp.run(transport="stdio")
