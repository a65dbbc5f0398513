import os

from fastapi import FastAPI

from helper import Environment, Shared

app = FastAPI()
environment = Environment()
shared: Shared = Shared()


@app.get("/")
def answer():
    return Environment().vision_endpoint, Shared().speech_endpoint, Assistant().key


class Assistant:
    def __init__(self):
        self.key = os.environ["ASSISTANT_KEY"]


Assistant = Assistant()
