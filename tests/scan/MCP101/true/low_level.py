import asyncio

from mcp.server import Server
from mcp.server.stdio import stdio_server
from rich.console import Console

server = Server("notes")
console = Console()


@server.call_tool()
async def call(name, arguments):
    console.print(name, arguments)  # FOUND
    return []


async def main():
    async with stdio_server() as (read, write):
        await server.run(read, write, server.create_initialization_options())


if __name__ == "__main__":
    asyncio.run(main())
