import asyncio


async def research(client, topics):
    rest = await asyncio.gather(*(client.ask(topic) for topic in topics[1:]))  # FOUND
    return rest, await asyncio.gather(*(client.ask(topic) for topic in topics[:-1]))  # FOUND
