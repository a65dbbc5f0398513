import requests
from fastapi import FastAPI

app = FastAPI()


@app.post("/groups")
def groups(token: str):
    first = requests.get("https://graph.example.com/groups", headers={"Authorization": token}, timeout=10)  # FOUND
    return [first, requests.post("https://graph.example.com/seen", timeout=10)]
