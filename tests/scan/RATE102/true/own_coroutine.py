import asyncio


async def look_up(index, query):
    return await index.search(query)


async def search(index, queries):
    return await asyncio.gather(*[look_up(index, query) for query in queries])  # FOUND
