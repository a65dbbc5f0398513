from fastmcp import Client

SERVERS = {"mcpServers": {"files": {"command": "npx", "args": ["-y", "files-server", "."]}}}  # FOUND


async def tools():
    async with Client(SERVERS) as client:
        return await client.list_tools()
