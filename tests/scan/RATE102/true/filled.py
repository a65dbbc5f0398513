import asyncio


async def answer(client, documents):
    tasks = []
    for document in documents:
        tasks.append(asyncio.create_task(client.summarize(document)))
    return await asyncio.gather(*tasks)  # FOUND
