import asyncio

# Bound to the loop of its first use, since Python 3.10.
deletions = asyncio.Queue()
changing = asyncio.Lock()


async def delete(message):
    async with changing:
        await deletions.put(message)
