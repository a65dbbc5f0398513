import aiohttp

session = aiohttp.ClientSession()  # FOUND


async def answer(query):
    return await session.get("https://api.example.com")
