import json

from agents import function_tool
from fastapi import FastAPI, HTTPException, UploadFile

app = FastAPI()


def render_template(name):
    with open(name) as file:
        return file.read()


def session(session_id):
    with open(f"/var/lib/agent/{session_id}.json") as file:
        return json.load(file)


@app.post("/files")
async def take(file: UploadFile, session_id: str):
    if file.size > 10_000_000:
        raise HTTPException(413)
    return await file.read(), session(session_id), render_template("/srv/answer.html")


@app.post("/start")
async def begin(file: UploadFile):
    return await file.read(1000)


@function_tool
def prices(product: str):
    with open("/srv/prices.json") as file:
        return json.load(file)[product]
