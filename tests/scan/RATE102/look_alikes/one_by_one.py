import asyncio


async def look_up(index, query):
    return index.search(query)


async def search(index, queries):
    return await asyncio.gather(*[look_up(index, query) for query in queries])


async def store(index, documents):
    loop = asyncio.get_running_loop()
    await asyncio.gather(*(asyncio.to_thread(index.add, each) for each in documents))
    await asyncio.gather(*[loop.run_in_executor(None, index.add, each) for each in documents])


class Cards:
    def __init__(self, agent_urls):
        self.agent_urls = agent_urls

    async def read(self, resolver):
        resolvers = [resolver(url) for url in self.agent_urls]
        return await asyncio.gather(*[each.get_card() for each in resolvers])
