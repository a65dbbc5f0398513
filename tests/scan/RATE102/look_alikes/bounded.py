import asyncio

semaphore = asyncio.Semaphore(10)


async def ask(client, question):
    async with semaphore:
        return await client.ask(question)


async def answer(client, questions):
    return await asyncio.gather(*[ask(client, question) for question in questions])
