import asyncio
from dataclasses import dataclass


@dataclass
class Submission:
    completion: object


class Sender:
    def __init__(self, channels, repository, most):
        self.channels = channels
        self.repository = repository
        self.most = most

    async def stop(self, started):
        await asyncio.gather(*(asyncio.shield(asyncio.wrap_future(each.completion)) for each in started))

    async def poll(self, now):
        claimed = await self.repository.claim_due(now=now, limit=self.most)
        return await asyncio.gather(*(self.ask_one(each) for each in claimed))

    async def ask_one(self, record):
        return await self.repository.update(record)

    async def tell(self, event):
        async def one(queue):
            await queue.send(event)

        await asyncio.gather(*[one(each) for each in self.channels])


async def trees(cdp_session, frames, parsed):
    found = []
    for frame in frames:
        found.append(cdp_session.cdp_client.send.Accessibility.getFullAXTree(params={"frameId": frame}))
    await asyncio.gather(*found)
    return await asyncio.gather(*(parsed(each) for each in frames))


async def pages(client, root, known):
    wanted = [f"{root}/{part}" for part in ("about", "contact")]
    missing = [each for each in wanted if each not in known]
    return await asyncio.gather(*(client.get(each) for each in missing))


async def short(client, topics, most):
    if len(topics) > most:
        raise ValueError("too many topics")
    return await asyncio.gather(*(client.search(topic) for topic in topics))


async def in_turns(client, topics):
    tasks = []
    for topic in topics:
        tasks.append(client.search(topic))
        if len(tasks) >= 10:
            await asyncio.gather(*tasks)
            tasks.clear()
    return tasks
