import asyncio


async def answer(client, questions):
    tasks = [client.ask(question) for question in questions]
    first = await asyncio.gather(*tasks)  # FOUND
    return first, await asyncio.gather(*(client.ask(each) for each in first))  # FOUND
