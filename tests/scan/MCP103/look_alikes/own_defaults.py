import fastmcp
from agents.mcp import MCPServerSse
from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp.client.sse import sse_client

server = MCPServerSse(params={"url": "https://tools.example.com/sse"})
client = fastmcp.Client("https://tools.example.com/mcp", timeout=30)
local = fastmcp.Client("server.py")
servers = MultiServerMCPClient(
    {"search": {"transport": "sse", "url": "https://tools.example.com/sse", "timeout": 10}}
)


def connect(url):
    return sse_client(url, timeout=5, sse_read_timeout=60)
