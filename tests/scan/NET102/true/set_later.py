import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("tools")


def main():
    host = "0.0.0.0" if os.path.exists("/.dockerenv") else "127.0.0.1"
    mcp.settings.host = host  # FOUND
    mcp.run(transport="streamable-http")


def plain():
    mcp.settings.host = "127.0.0.1"  # FOUND
