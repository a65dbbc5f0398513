import httpx
import requests


def answer(query):
    tries = 0
    while True:  # FOUND
        try:
            response = requests.post("https://api.example.com", json={"q": query}, timeout=30)
            break
        except (requests.exceptions.ReadTimeout, requests.exceptions.ConnectionError):
            tries += 1
            if tries > 2:
                raise
    return response


async def found(client: httpx.AsyncClient, query):
    for number in range(2):  # FOUND
        try:
            response = await client.get("https://api.example.com", params={"q": query}, timeout=30)
            response.raise_for_status()
            return response
        except httpx.HTTPError:
            print(number)
