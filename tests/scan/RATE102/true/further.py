import asyncio


async def asked(client, query):
    return await client.get("https://search.example.com", params={"q": query})


async def first(client, queries):
    tasks = [asked(client, query) for query in queries]
    for done in asyncio.as_completed(tasks):  # FOUND
        return await done


async def all_of(client, queries):
    async with asyncio.TaskGroup() as group:
        for query in queries:
            group.create_task(asked(client, query))  # FOUND
