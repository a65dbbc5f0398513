import asyncio
import subprocess

import httpx
import openai
import redis
import requests
from openai import AsyncOpenAI

TIMEOUT = 10
OPTIONS = {"timeout": 5}
session = requests.Session()
cache = redis.Redis(host="cache.internal", socket_timeout=5)
client = openai.OpenAI(timeout=30, max_retries=1)
injected = AsyncOpenAI(http_client=httpx.AsyncClient(timeout=10))
web = httpx.AsyncClient()


class Requests:
    def get(self, url):
        return url


def answer(query, requests_like, settings):
    requests.post("https://api.example.com", json={"q": query}, timeout=TIMEOUT)
    requests.get("https://api.example.com", **OPTIONS)
    session.get("https://api.example.com", timeout=settings.timeout)
    requests_like.get("https://api.example.com")
    Requests().get("x")
    {"a": 1}.get("a")
    return subprocess.run(["rg", query], capture_output=True, timeout=20)


async def run(query):
    process = await asyncio.create_subprocess_exec("rg", query)
    async with asyncio.timeout(20):
        await process.communicate()
    other = await asyncio.create_subprocess_exec("rg", query)
    await asyncio.wait_for(other.communicate(), 20)
    return await web.get("https://api.example.com")


def install(package):
    subprocess.check_call(["pip", "install", package])
