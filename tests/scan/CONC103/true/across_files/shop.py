import requests
from supabase import create_client

store = create_client("https://store.internal", "key")


def prices(query):
    return _asked(query)


def _asked(query):
    return requests.get("https://shop.example.com", params={"q": query}, timeout=5)  # FOUND


def keep(part):
    store.table("parts").insert({"part": part}).execute()  # FOUND


def parts(query):
    yield requests.get("https://shop.example.com/parts", timeout=5)  # FOUND


def lines(query):
    yield requests.get("https://shop.example.com/lines", timeout=5)
