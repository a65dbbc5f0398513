import httpx
import requests


def answer(query):
    tries = 0
    while True:
        try:
            response = requests.post("https://api.example.com", json={"q": query}, timeout=30)
            break
        except requests.exceptions.ReadTimeout:
            tries += 1
            if tries > 2:
                raise
    return response


async def found(client: httpx.AsyncClient, query):
    for _ in range(2):
        try:
            return await client.get("https://api.example.com", params={"q": query}, timeout=30)
        except (httpx.TimeoutException, ValueError):
            continue
