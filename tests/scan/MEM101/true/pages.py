from typing import BinaryIO

import aiohttp
import httpx
import requests
from agents import function_tool
from flask import Flask, request

app = Flask(__name__)


@function_tool
def page(url: str):
    return requests.get(url, timeout=5).text  # FOUND


async def fetch_url(address: str):
    async with httpx.AsyncClient(timeout=5) as client:
        response = await client.get(address)
        if response.status_code >= 400:
            return None
        return response.text  # FOUND


@function_tool
async def visit(url: str):
    first = await fetch_url(url)
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return first, await response.text()  # FOUND


def words(file: BinaryIO):
    return file.read().decode().split()  # FOUND


@app.post("/files")
def take():
    file = request.files["file"]
    with open("/srv/words", "rb") as known:
        return {"size": len(file.read()), "known": words(known)}  # FOUND
