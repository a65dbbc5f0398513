import asyncio


async def answer(message, run, servers, connections, pool):
    tasks = []
    for name in ("search", "rank"):
        tasks.append(asyncio.create_task(run(name)))
    await asyncio.gather(*[run(call) for call in message.tool_calls])
    await asyncio.gather(*(server.list_tools() for server in servers))
    await asyncio.gather(*(each.aclose() for each in pool))
    return await asyncio.gather(*tasks)
