import asyncio

from openai import AsyncOpenAI

client = AsyncOpenAI(timeout=60)


async def answer(messages):
    await asyncio.wait_for(client.chat.completions.create(model="gpt-5", messages=messages), 30)  # FOUND
    async with asyncio.timeout(20):
        return await client.responses.create(model="gpt-5", input=messages, timeout=25)  # FOUND
