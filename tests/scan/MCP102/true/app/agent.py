import sys
from pathlib import Path

from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp import StdioServerParameters

NOTES = Path(__file__).parent / "servers" / "notes.py"
notes = StdioServerParameters(command=sys.executable, args=[str(NOTES)])  # FOUND
again = StdioServerParameters(command="python", args=["servers/notes.py"], env={"LOG_LEVEL": "INFO"})  # FOUND
client = MultiServerMCPClient(
    {
        "github": {
            "transport": "stdio",
            "command": "npx",  # FOUND
            "args": ["-y", "@modelcontextprotocol/server-github"],
        },
        "notes": {
            "transport": "stdio",
            "command": "python",  # FOUND
            "args": ["-m", "servers.notes"],
            "env": {},
        },
    }
)
