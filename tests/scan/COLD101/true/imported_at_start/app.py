from fastapi import FastAPI

from models import local

app = FastAPI()


@app.post("/agent")
def answer(query: str):
    from models.local import complete

    return complete(query), local
