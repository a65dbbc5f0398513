import os

from agents import function_tool
from langchain_openai import ChatOpenAI


class Store:
    def __init__(self, embeddings_key):
        self.embeddings_key = embeddings_key


@function_tool
def store(name: str) -> Store:
    return Store(embeddings_key=os.getenv("EMBEDDINGS_KEY"))


@function_tool
def model(provider: str):
    if provider == "moonshot":
        return ChatOpenAI(base_url=os.getenv("MOONSHOT_ENDPOINT"), api_key=os.getenv("MOONSHOT_API_KEY"), timeout=20)
    return ChatOpenAI(timeout=20)


@function_tool
def key_of(tool: str) -> str | None:
    return os.getenv("GROUND_API_KEY")
