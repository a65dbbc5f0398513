import subprocess

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("files")


@mcp.tool()
def run(command: str) -> str:
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=30)
    if done.returncode:
        return f"failed: {done.stdout}"  # FOUND
    return done.stdout + done.stderr  # FOUND


@mcp.tool()
def read(path: str) -> dict:
    with open(path) as file:
        return {"text": file.read().strip()}  # FOUND
