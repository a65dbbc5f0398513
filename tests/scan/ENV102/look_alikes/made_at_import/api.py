from fastapi import FastAPI

from helper import Environment

app = FastAPI()
environment = Environment()


@app.get("/")
def answer():
    return Environment().vision_endpoint
