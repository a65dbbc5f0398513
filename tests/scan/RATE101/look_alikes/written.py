import httpx
from fastapi import FastAPI

from settings import BASE

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.post(f"{BASE}/tickets", json={"query": query})
    return response.json()


@app.post("/other")
async def other(query: str):
    return httpx.patch("http://tickets.internal/1", json={"query": query}, timeout=5).json()
