import asyncio
import subprocess
import time

from fastapi import FastAPI
from google import genai

app = FastAPI()
client = genai.Client()


def grep(query):
    return subprocess.check_output(["rg", query], timeout=5)


def slow():
    time.sleep(1)


@app.post("/agent")
async def answer(query: str):
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(None, grep, query)
    await asyncio.to_thread(slow)
    await loop.run_in_executor(None, lambda: grep(query))
    return found, await client.aio.models.generate_content(model="m", contents=query)


async def main():
    time.sleep(1)
    await answer("what")


if __name__ == "__main__":
    asyncio.run(main())
