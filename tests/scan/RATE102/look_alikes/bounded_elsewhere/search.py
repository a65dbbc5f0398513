import asyncio

import httpx

slots = asyncio.Semaphore(5)
client = httpx.AsyncClient(timeout=10)


async def looked_up(topic):
    async with slots:
        return await client.get("https://search.example.com", params={"q": topic})
