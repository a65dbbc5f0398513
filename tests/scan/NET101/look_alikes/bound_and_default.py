import asyncio
import os

from mcp.server.fastmcp import FastMCP

DEFAULT_OLLAMA = "http://localhost:11434"
ON_THE_LAPTOP = "redis://localhost:6379"
BIND_HOST = "0.0.0.0"
mcp = FastMCP("search", host="127.0.0.1")
ollama = os.environ.get("OLLAMA_URL", DEFAULT_OLLAMA)
cache = os.getenv("CACHE_URL", ON_THE_LAPTOP)


async def main(handler, app):
    await asyncio.start_server(handler, host="127.0.0.1", port=8000)
    app.run(host="localhost")
