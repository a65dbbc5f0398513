import subprocess
import time

import requests
from fastapi import FastAPI
from openai import OpenAI
from supabase import create_client

app = FastAPI()
client = OpenAI(timeout=10)
store = create_client("https://store.internal", "key")


@app.post("/agent")
async def answer(query: str):
    time.sleep(0.1)  # FOUND
    requests.get("https://api.example.com", timeout=5)  # FOUND
    subprocess.run(["rg", query], timeout=5)  # FOUND
    return client.chat.completions.create(model="m", messages=[])  # FOUND


@app.post("/keep")
async def keep(query: str):
    store.table("queries").insert({"query": query}).execute()  # FOUND
