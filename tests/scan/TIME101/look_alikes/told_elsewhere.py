import functools

import aiohttp
import asyncpg
import boto3
import groq
import httpx
import litellm
import ollama
import requests
import urllib3
from google import genai
from google.genai import types
from openai import OpenAI
from pymongo import MongoClient

litellm.request_timeout = 30
gemini = genai.Client(http_options=types.HttpOptions(timeout=30_000))
database = MongoClient("mongodb://db.internal/agent?timeoutMS=5000")
other = MongoClient("mongodb://db.internal/agent", socketTimeoutMS=5000)
slow_to_read = httpx.AsyncClient(timeout=httpx.Timeout(None, connect=5, read=30))
pool = urllib3.PoolManager(timeout=10)
local = ollama.Client("http://models.internal:11434", timeout=60)
fast = groq.Groq()
bedrock = boto3.client("bedrock-runtime")
each = OpenAI()
session = requests.Session()
session.request = functools.partial(session.request, timeout=10)


async def answer(query):
    litellm.completion(model="gpt-5", messages=[{"role": "user", "content": query}])
    each.chat.completions.create(model="gpt-5", messages=[{"role": "user", "content": query}], timeout=20)
    session.get("https://api.example.com")
    pool.request("GET", "https://api.example.com")
    await asyncpg.connect("postgresql://db.internal/agent", command_timeout=5)
    async with aiohttp.ClientSession() as http:
        return await http.get("https://api.example.com", timeout=aiohttp.ClientTimeout(total=10))
