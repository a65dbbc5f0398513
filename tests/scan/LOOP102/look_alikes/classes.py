import subprocess

from langchain_core.tools import BaseTool


class Shell(BaseTool):
    name: str = "shell"

    def _run(self, command: str):
        return self.version() + subprocess.check_output(["sh", "-c", command], timeout=30)[:10_000].decode()

    def version(self):
        return subprocess.check_output(["sh", "--version"], timeout=30)


class Runner:
    def run(self, command: str):
        return subprocess.check_output(["sh", "-c", command], timeout=30)


async def listing(process):
    out, _ = await process.communicate()
    return out


def fetch(url: str):
    return subprocess.getoutput(f"curl {url}")
