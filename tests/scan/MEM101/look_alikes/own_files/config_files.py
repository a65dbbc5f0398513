from fastapi import FastAPI

app = FastAPI()


def content_of(path):
    with open(path) as file:
        return file.read()


@app.get("/")
def answer(path: str):
    return content_of("agent.yaml")
