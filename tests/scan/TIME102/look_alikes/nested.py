import asyncio

import httpx


async def answer(query, seconds):
    async with asyncio.timeout(10):
        client = httpx.AsyncClient(timeout=3)
        await client.get("https://api.example.com", timeout=seconds)
    async with asyncio.timeout(seconds):
        await client.get("https://api.example.com", timeout=30)
    return await client.get("https://api.example.com", timeout=60)
