import os

import httpx
from fastapi import FastAPI

app = FastAPI()


@app.post("/agent")
def answer(query: str):
    keys = os.environ["MODEL_KEY"], os.environ["OTHER_KEY"], os.environ["SEARCH_KEY"]
    headers = {"Authorization": f"Bearer {os.getenv('MAIL_TOKEN')}"}
    return keys, httpx.get(os.environ["SEARCH_URL"], headers=headers, timeout=5)
