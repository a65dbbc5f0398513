import subprocess

import httpx
from mcp.server import Server
from mcp.types import TextContent

server = Server("shell")


@server.call_tool()
async def call(name: str, arguments: dict):
    if name == "fetch":
        async with httpx.AsyncClient(timeout=10) as client:
            response = await client.get(arguments["url"])
        return [TextContent(type="text", text=response.text)]  # FOUND
    done = subprocess.run(["sh", "-c", arguments["command"]], capture_output=True, text=True, timeout=30)
    return [TextContent(type="text", text=f"{done.stdout}\n{done.stderr}")]  # FOUND
