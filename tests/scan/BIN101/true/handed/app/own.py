import subprocess

from agents import Agent
from fastapi import FastAPI

app = FastAPI()
agent = Agent("a", mcp_servers=[{"command": "docker", "args": ["run", "-i", "own/server"]}])  # FOUND


@app.get("/")
def answer():
    return subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, timeout=5).stdout  # FOUND
