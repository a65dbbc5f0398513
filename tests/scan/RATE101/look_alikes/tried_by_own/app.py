from clients import client
from fastapi import FastAPI
from trying import call_with_retry

app = FastAPI()


@app.post("/agent")
async def answer(query: str):
    return await call_with_retry(lambda: client().responses.create(model="gpt-5.4-2026-03-05", input=query))
