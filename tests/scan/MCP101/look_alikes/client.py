from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client


async def main():
    async with stdio_client(StdioServerParameters(command="notes")) as (read, write):
        async with ClientSession(read, write) as session:
            print(await session.list_tools())
