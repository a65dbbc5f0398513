import fastmcp
from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamablehttp_client

client = fastmcp.Client("https://tools.example.com/mcp")  # FOUND
servers = MultiServerMCPClient(
    {
        "search": {
            "transport": "streamable_http",
            "url": "https://tools.example.com/mcp",  # FOUND
        }
    }
)


async def call(url, name, arguments):
    async with sse_client(url) as (read, write), ClientSession(read, write) as session:  # FOUND
        await session.initialize()
        return await session.call_tool(name, arguments)


async def names(url):
    async with streamablehttp_client(url) as (read, write, _):  # FOUND
        async with ClientSession(read, write) as session:
            return await session.list_tools()
