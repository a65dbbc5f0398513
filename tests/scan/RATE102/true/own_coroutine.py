import asyncio


async def look_up(index, query):
    return await index.search(query)


async def search(index, queries):
    return await asyncio.gather(*[look_up(index, query) for query in queries])  # FOUND


class Store:
    async def delete(self, document):
        """Take it out of the store."""
        raise NotImplementedError

    async def clear(self, documents):
        await asyncio.gather(*[self.delete(document) for document in documents])  # FOUND

    async def search(self, queries):
        tasks = []
        for query in queries:
            task = asyncio.create_task(look_up(self, query))
            tasks.append(task)
        return await asyncio.gather(*tasks)  # FOUND
