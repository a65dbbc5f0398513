from functools import lru_cache

import requests
from supabase import create_client

store = create_client("https://store.internal", "key")


def prices(query):
    store.table("queries").insert({"query": query}).execute()
    return requests.get("https://shop.example.com", params={"q": query}, timeout=5)


def lines(query):
    yield requests.get("https://shop.example.com/lines", timeout=5)


async def alone(query):
    return requests.get("https://shop.example.com", params={"q": query}, timeout=5)


@lru_cache(maxsize=1)
def rates():
    return requests.get("https://shop.example.com/rates", timeout=5).json()
