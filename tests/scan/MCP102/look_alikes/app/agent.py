import os
import sys
from pathlib import Path

from langchain_mcp_adapters.client import MultiServerMCPClient
from mcp import StdioServerParameters

NOTES = Path(__file__).parent / "servers" / "notes.py"
VARIABLES = {"NOTES_TOKEN": os.environ["NOTES_TOKEN"]}
late = {}
late["NOTES_TOKEN"] = os.environ["NOTES_TOKEN"]
notes = StdioServerParameters(command=sys.executable, args=[str(NOTES)], env={**os.environ, "LOG_LEVEL": "INFO"})
again = StdioServerParameters(command="python", args=["servers/notes.py"], env=VARIABLES)
third = StdioServerParameters(command="python", args=["servers/notes.py"], env=dict(os.environ))
fourth = StdioServerParameters(command="python", args=["servers/notes.py"], env=late)
other = StdioServerParameters(command="uvx", args=["mcp-server-time"])
client = MultiServerMCPClient(
    {
        "github": {
            "transport": "stdio",
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-github"],
            "env": {"GITHUB_PERSONAL_ACCESS_TOKEN": os.environ["GITHUB_TOKEN"]},
        },
        "files": {
            "transport": "stdio",
            "command": "npx",
            "args": ["-y", "@modelcontextprotocol/server-filesystem", "/data"],
        },
    }
)
