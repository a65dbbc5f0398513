import httpx
from openai import OpenAI

client = OpenAI(max_retries=0, timeout=10)  # FOUND


async def answer(query):
    async with httpx.AsyncClient(timeout=10) as http:
        return await http.post("https://api.openai.com/v1/chat/completions", json={"q": query})  # FOUND
