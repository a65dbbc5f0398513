import uvicorn
from fastapi import FastAPI

app = FastAPI()


def start():
    uvicorn.run("app:app", host="localhost", port=3333, reload=True)
