import httpx
from mcp.server import Server
from mcp.types import TextContent

server = Server("shell")


@server.call_tool()
async def call(name: str, arguments: dict):
    async with httpx.AsyncClient(timeout=10) as client:
        response = await client.get(arguments["url"])
    text = response.text[arguments["start"] : arguments["start"] + 5000]
    return [TextContent(type="text", text=text), TextContent(type="text", text=str(response.status_code))]
