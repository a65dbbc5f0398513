import os

import httpx
from agents import function_tool
from langchain_core.tools import BaseTool


@function_tool
def ask(provider: str) -> str:
    key = os.getenv("MOONSHOT_API_KEY") if provider == "kimi" else None
    key = key or os.getenv("KIMI_API_KEY")
    if not key:
        raise ValueError("KIMI_API_KEY is not set")
    return key


class Provider:
    def __init__(self, api_key=None):
        self.api_key = api_key


class SearchTool(Provider, BaseTool):
    def _run(self, query):
        key = self.api_key or os.environ.get("SEARCH_API_KEY")
        return httpx.get("https://search.example", headers={"key": key}, timeout=5)


class LoadTool(BaseTool):
    def setup(self):
        self.key = os.getenv("READER_API_KEY")

    def _run(self, path):
        self.setup()
        key = self.key
        if key:
            return httpx.get("https://reader.example", params={"path": path, "key": key}, timeout=5).text
        return "read here"
