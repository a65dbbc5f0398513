import sys

import httpx
import requests
from flask import Flask

import store

app = Flask(__name__)
app.config["TABLES"] = store.tables


def fetched(address):
    return requests.get(address, timeout=5).json()


def client_of(address):
    def get(path):
        return requests.get(f"{address}/{path}", timeout=5)

    return get


async def rates():
    async with httpx.AsyncClient() as http:
        return (await http.get("https://bank.example.com/rates")).json()


shop = client_of("https://shop.example.com")
pending = rates()
if "--check" in sys.argv:
    print(fetched("https://shop.example.com/catalogue"))
later = lambda: fetched("https://shop.example.com/catalogue")


@app.get("/names")
def names():
    return fetched("https://shop.example.com/catalogue")


if __name__ == "__main__":
    print(fetched("https://shop.example.com/catalogue"))
