import asyncio

from search import looked_up


async def answer(topics):
    return await asyncio.gather(*(looked_up(topic) for topic in topics))
