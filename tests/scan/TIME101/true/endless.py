import asyncio
import subprocess
from urllib.request import urlopen

import httpx
import openai
import redis
import requests
from anthropic import AsyncAnthropic
from langchain_openai import ChatOpenAI

session = requests.Session()
cache = redis.Redis(host="cache.internal")  # FOUND
client = openai.OpenAI()  # FOUND
other = AsyncAnthropic(api_key="x")  # FOUND
model = ChatOpenAI(model="gpt-5")  # FOUND


class Search:
    def __init__(self):
        self.http = requests.Session()

    def find(self, query):
        return self.http.get("https://search.example.com", params={"q": query})  # FOUND


def answer(query):
    requests.post("https://api.example.com", json={"q": query})  # FOUND
    session.get("https://api.example.com")  # FOUND
    requests.get("https://api.example.com", timeout=None)  # FOUND
    httpx.get("https://api.example.com", timeout=None)  # FOUND
    urlopen("https://api.example.com")  # FOUND
    return subprocess.run(["rg", query], capture_output=True)  # FOUND


async def run(query):
    process = await asyncio.create_subprocess_exec("rg", query)
    return await process.communicate()  # FOUND
