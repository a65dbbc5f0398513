from fastapi import FastAPI

from vision import look

app = FastAPI()


@app.post("/agent")
def answer(picture: str):
    return look(picture)
