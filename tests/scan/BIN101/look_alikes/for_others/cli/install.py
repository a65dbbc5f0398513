import json
import subprocess
from pathlib import Path


def configured(url, key):
    return {"command": "npx", "args": ["mcp-remote", url, "--header", f"Authorization: Bearer {key}"]}


def install(url, key):
    Path("~/.editor/servers.json").expanduser().write_text(json.dumps({"mcpServers": {"own": configured(url, key)}}))


def commit():
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5).stdout
