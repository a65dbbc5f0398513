import json
import urllib.request

from langchain_core.tools import tool


@tool
def weather(city: str):
    with urllib.request.urlopen(f"https://weather.example.com/v1/{city}", timeout=10) as answer:  # FOUND
        return json.load(answer)
