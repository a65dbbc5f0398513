import os

import uvicorn
from fastapi import FastAPI
from search import search

app = FastAPI()


@app.get("/search")
def answer(query: str):
    return search(query)


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "0.0.0.0"))
