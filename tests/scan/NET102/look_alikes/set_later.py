import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("tools", host=os.environ["HOST"])


def main(client, arguments):
    mcp.settings.host = os.getenv("MCP_HOST", "127.0.0.1")
    client.settings.host = "127.0.0.1"
    if arguments.local:
        mcp.settings.host = "127.0.0.1"
    mcp.run(transport="streamable-http")
