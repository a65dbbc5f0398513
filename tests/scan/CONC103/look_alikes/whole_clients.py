import asyncio
import shutil

import redis
from fastapi import FastAPI, UploadFile

app = FastAPI()
store = redis.Redis(socket_timeout=5)


def kept(file):
    with open("upload", "wb") as copy:
        shutil.copyfileobj(file.file, copy)


@app.post("/agent")
async def answer(query: str, file: UploadFile):
    pipe = store.pipeline()
    pipe.set("a", query).expire("a", 60)
    pipe.execute_command("GET", "a")
    await asyncio.to_thread(pipe.execute)
    index = store.ft("tickets")
    await asyncio.to_thread(kept, file)
    return await asyncio.to_thread(index.search, query)
