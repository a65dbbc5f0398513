import os

from agents import function_tool


@function_tool
def ask(provider: str) -> str:
    key = os.getenv("MOONSHOT_API_KEY") if provider == "kimi" else None
    key = key or os.getenv("KIMI_API_KEY")
    if not key:
        raise ValueError("KIMI_API_KEY is not set")
    return key
