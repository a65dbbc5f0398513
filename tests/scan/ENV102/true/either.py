import os

from agents import function_tool


@function_tool
def ask(provider: str) -> str:
    key = os.getenv("MOONSHOT_API_KEY") if provider == "kimi" else os.environ["OTHER_API_KEY"]  # FOUND
    return f"{provider}/{key[:2]}"
