import asyncio

from anthropic import AsyncAnthropic
from fastapi import FastAPI
from linkup import LinkupClient
from spotipy import Spotify

app = FastAPI()
client = AsyncAnthropic(timeout=10)
linkup = LinkupClient(api_key="…")
spotify = Spotify(requests_timeout=5)


@app.post("/agent")
async def answer(query: str):
    found = await linkup.async_search(query=query, depth="standard", output_type="searchResults")
    return await client.messages.with_raw_response.create(model="m", messages=[found], max_tokens=9)


@app.post("/music")
async def music(query: str):
    return await asyncio.to_thread(spotify.search, q=query, limit=5)
