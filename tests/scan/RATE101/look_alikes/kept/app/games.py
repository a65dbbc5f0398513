import httpx

TEAM = "hawks"


async def scores():
    async with httpx.AsyncClient(timeout=5) as client:
        return await client.get("https://games.example.com/scores", params={"team": TEAM})
