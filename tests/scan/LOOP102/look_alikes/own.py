import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("files")


@mcp.tool()
def guide() -> str:
    with open("/app/guide.md") as file:
        return file.read()


@mcp.tool()
def run(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    return f"exit code {done.returncode}: {done.stdout[-2000:]}"
