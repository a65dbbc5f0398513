import json

from mcp import ClientSession, StdioServerParameters


def shown():
    return json.dumps({"mcpServers": {"own": {"command": "docker", "args": ["run", "-i", "own/server"]}}}, indent=2)


def session(read, write):
    return ClientSession(read, write), StdioServerParameters(command="python", args=["server.py"])
