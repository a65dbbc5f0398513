import asyncio

import httpx
import requests
from flask import Flask

import store

app = Flask(__name__)
app.config["STORE"] = store.store


def fetched(address):
    return requests.get(address, timeout=5).json()


def catalogue():
    return [each["name"] for each in fetched("https://shop.example.com/catalogue")]


async def rates():
    async with httpx.AsyncClient() as http:
        return (await http.get("https://bank.example.com/rates")).json()


NAMES = catalogue()  # FOUND
RATES = asyncio.run(rates())  # FOUND


@app.get("/names")
def names():
    return NAMES
