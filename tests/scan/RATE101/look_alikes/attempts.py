import time

import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/groups")
def groups():
    for attempt in range(4):
        answer = requests.get("https://graph.example.com/groups", timeout=10)
        if answer.status_code != 429:
            return answer.json()
        time.sleep(2**attempt)
