import os

from fastapi import FastAPI

app = FastAPI()


@app.post("/agent")
def answer(key: str, folder: str):
    os.environ["OPENAI_API_KEY"] = key  # FOUND
    os.chdir(folder)  # FOUND
    return key
