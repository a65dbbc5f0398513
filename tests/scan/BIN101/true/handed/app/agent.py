from langchain_mcp_adapters.client import MultiServerMCPClient

from app.servers import SERVERS, more

client = MultiServerMCPClient({**SERVERS, **more()})
