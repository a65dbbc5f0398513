import asyncio
from datetime import timedelta

from mcp import ClientSession
from mcp.client.sse import sse_client


async def call(url, name, arguments):
    async with sse_client(url) as (read, write):
        async with ClientSession(read, write, read_timeout_seconds=timedelta(seconds=30)) as session:
            await session.initialize()
            return await session.call_tool(name, arguments)


async def again(url, name, arguments):
    async with asyncio.timeout(30), sse_client(url) as (read, write):
        async with ClientSession(read, write) as session:
            return await session.call_tool(name, arguments)
