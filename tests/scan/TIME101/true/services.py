import aiohttp
import asyncpg
import httpx
import ollama
import urllib3
from google import genai
from pymongo import MongoClient

gemini = genai.Client()  # FOUND
database = MongoClient("mongodb://db.internal/agent")  # FOUND
endless = httpx.AsyncClient(timeout=httpx.Timeout(None))  # FOUND
pool = urllib3.PoolManager()


async def answer(query):
    rows = await asyncpg.connect("postgresql://db.internal/agent")  # FOUND
    ollama.chat(model="qwen3", messages=[{"role": "user", "content": query}])  # FOUND
    async with aiohttp.ClientSession() as http:
        async with http.get("https://api.example.com") as response:
            pool.request("GET", "https://api.example.com")  # FOUND
            return await response.json(), rows
