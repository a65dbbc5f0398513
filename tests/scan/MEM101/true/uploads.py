import json

from agents import function_tool
from fastapi import FastAPI, UploadFile

app = FastAPI()


async def text_of(upload: UploadFile):
    return (await upload.read()).decode()  # FOUND


@app.post("/sync")
def take_at_once(file: UploadFile):
    return file.file.read()  # FOUND


@app.post("/files")
async def take(file: UploadFile):
    return await text_of(file)


@function_tool
def load(path: str):
    with open(path, "rb") as picture:
        size = len(picture.read())  # FOUND
    with open(path) as file:
        return json.load(file), size  # FOUND
