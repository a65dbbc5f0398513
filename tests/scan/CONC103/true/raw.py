from anthropic import Anthropic
from fastapi import FastAPI
from linkup import LinkupClient
from spotipy import Spotify, SpotifyOAuth

app = FastAPI()
client = Anthropic(timeout=10)
linkup = LinkupClient(api_key="…")


@app.post("/agent")
async def answer(query: str):
    found = linkup.search(query=query, depth="standard", output_type="searchResults")  # FOUND
    return client.messages.with_raw_response.create(model="m", messages=[found], max_tokens=9)  # FOUND


class Music:
    def __init__(self):
        self.spotify = Spotify(auth_manager=SpotifyOAuth())

    def search(self, query):
        return self.spotify.search(q=query, limit=5)  # FOUND


@app.post("/music")
async def music(query: str):
    return Music().search(query)
