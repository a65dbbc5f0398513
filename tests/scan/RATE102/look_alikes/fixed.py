import asyncio

LANGUAGES = ("en", "de")


async def answer(client, question, workers):
    both = await asyncio.gather(client.search(question), client.rank(question))
    each = await asyncio.gather(*[client.translate(question, to=language) for language in LANGUAGES])
    three = await asyncio.gather(*(client.ask(question) for _ in range(3)))
    return both, each, three, await asyncio.gather(*workers)
