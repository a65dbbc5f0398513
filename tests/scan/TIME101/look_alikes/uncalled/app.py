from fastapi import FastAPI
from prices import price

app = FastAPI()


@app.get("/price")
def answer(name: str) -> str:
    return price(name)
