import asyncio

import httpx


async def answer(query):
    async with asyncio.timeout(10):
        client = httpx.AsyncClient(timeout=30)  # FOUND
        return await client.get("https://api.example.com")


async def other(client: httpx.AsyncClient):
    return await asyncio.wait_for(client.get("https://api.example.com", timeout=10), 10)  # FOUND
