import asyncio


async def research(client, topics, most):
    allowed = topics[:most]
    tasks = [client.ask(topic) for topic in allowed]
    first = await asyncio.gather(*tasks)
    for start in range(most, len(topics), 10):
        first += await asyncio.gather(*(client.ask(topic) for topic in topics[start : start + 10]))
    return first
