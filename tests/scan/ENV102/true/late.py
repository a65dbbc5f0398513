import os

import httpx
from fastapi import FastAPI

app = FastAPI()


def client():
    return httpx.Client(headers={"key": os.environ["SEARCH_KEY"]}, timeout=5)  # FOUND


@app.post("/agent")
def answer(query: str):
    key = os.getenv("MODEL_KEY")  # FOUND
    found = client().get("https://search.example.com", params={"q": query, "key": key})
    return httpx.get("https://api.example.com", headers={"Authorization": f"Bearer {os.getenv('TOKEN')}"})  # FOUND


@app.get("/other")
def other():
    try:
        return httpx.get(f"https://api.example.com?key={os.environ['OTHER_KEY']}", timeout=5).text  # FOUND
    except Exception as error:
        return str(error)
