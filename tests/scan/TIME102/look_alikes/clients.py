import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI(timeout=20)
cache = {}


async def answer(messages, other):
    await asyncio.wait_for(client.chat.completions.create(model="gpt-5", messages=messages), 30)
    async with asyncio.timeout(20):
        cache.get("timeout", 60)
        await other.get("job", timeout=60)
        return await client.responses.create(model="gpt-5", input=messages, timeout=15)
