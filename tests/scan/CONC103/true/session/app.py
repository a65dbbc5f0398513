import requests
from fastmcp import FastMCP
from wiki import Wiki

mcp = FastMCP("wiki")
wiki = Wiki(session=requests.Session())


class Pages:
    def __init__(self, wiki: Wiki):
        self.wiki = wiki

    def restrict(self, page: str) -> dict:
        response = self.wiki._session.put(f"https://wiki.example.com/{page}", timeout=10)  # FOUND
        response.raise_for_status()
        return response.json()


@mcp.tool()
async def restrict(page: str) -> dict:
    return Pages(wiki).restrict(page)
