import os

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def answer(name: str):
    folder = os.getcwd()  # FOUND
    print(folder)
    return open(os.path.join(folder, name)).read()


def files():
    return os.listdir(os.getcwd())  # FOUND


def index(build):
    return build(os.path.join(os.getcwd(), "handbook"))  # FOUND


def index_text(build):
    return build(os.getcwd() + "/handbook")  # FOUND
