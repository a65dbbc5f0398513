import contextlib
import functools

import requests
from fastapi import FastAPI
from langchain_pinecone import PineconeVectorStore

app = FastAPI()


def logged(function):
    @functools.wraps(function)
    def inner(*arguments):
        print(function.__name__)
        return function(*arguments)

    return inner


@contextlib.contextmanager
def retriever(index: str):
    store = PineconeVectorStore.from_existing_index(index)  # FOUND
    yield store.as_retriever()


@logged
def rates(currency: str) -> dict:
    return requests.get(f"https://rates.example.com/{currency}", timeout=5).json()  # FOUND


@app.post("/agent")
async def answer(query: str) -> list:
    with retriever("notes") as notes:
        return [*await notes.ainvoke(query), rates("EUR")]
