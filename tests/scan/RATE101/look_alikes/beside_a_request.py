import requests
from fastapi import FastAPI

app = FastAPI()


@app.get("/ready")
def ready():
    return requests.get("http://localhost:8080/health", timeout=2).ok


def load(url):
    return requests.get(url, timeout=10)
