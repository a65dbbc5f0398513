import httpx

client = httpx.AsyncClient(timeout=10)


async def looked_up(topic):
    return await fetched(f"https://search.example.com/{topic}")


async def fetched(url):
    answer = await client.get(url)
    return answer.text
