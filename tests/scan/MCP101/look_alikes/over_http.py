from fastmcp import FastMCP

mcp = FastMCP("notes")


@mcp.tool
def search(query: str) -> str:
    """Search the notes."""
    print(f"searching {query}")
    return query


if __name__ == "__main__":
    print("serving on port 8000")
    mcp.run(transport="http", host="0.0.0.0", port=8000)
