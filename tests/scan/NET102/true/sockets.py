import asyncio

import websockets
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("search")


async def serve(handler, create_app):
    await asyncio.start_server(handler, "127.0.0.1", 8000)  # FOUND
    await websockets.serve(handler, "localhost", 8765)  # FOUND
    create_app().run(host="127.0.0.1", port=5000)  # FOUND
    mcp.run(transport="streamable-http")  # FOUND
