import asyncio


async def asked(client, query):
    return await client.get("https://search.example.com", params={"q": query})


async def first(client, queries):
    tasks = [asked(client, query) for query in queries[:5]]
    for done in asyncio.as_completed(tasks):
        return await done


async def all_of(client, servers):
    async with asyncio.TaskGroup() as group:
        group.create_task(asked(client, "health"))
        for server in servers:
            group.create_task(asked(client, server))
