import asyncio
import json
import subprocess

import requests
from e2b_code_interpreter import Sandbox
from google.adk.agents import Agent
from langchain_core.tools import BaseTool


class Shell(BaseTool):
    name: str = "shell"

    def _run(self, command: str):
        return subprocess.check_output(["sh", "-c", command], timeout=30)  # FOUND

    async def _arun(self, command: str):
        process = await asyncio.create_subprocess_exec("sh", "-c", command, stdout=asyncio.subprocess.PIPE)
        out, _ = await asyncio.wait_for(process.communicate(), 30)
        output, errors = await process.communicate()
        if errors:
            return out
        return output.decode()  # FOUND


def fetch(url: str):
    """The page behind an URL."""
    return requests.get(url, timeout=5).text  # FOUND


root_agent = Agent(name="reader", tools=[fetch])


class Sandboxed(BaseTool):
    name: str = "python"

    def _run(self, code: str):
        sandbox = Sandbox()
        done = sandbox.run_code(code)
        answer = {"stdout": done.logs.stdout, "ok": True}
        return json.dumps(answer, indent=2)  # FOUND
