import subprocess
import time

import requests
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI(timeout=10)


@app.post("/agent")
async def answer(query: str):
    time.sleep(1)  # FOUND
    requests.get("https://api.example.com", timeout=5)  # FOUND
    subprocess.run(["rg", query], timeout=5)  # FOUND
    return client.chat.completions.create(model="m", messages=[])  # FOUND
