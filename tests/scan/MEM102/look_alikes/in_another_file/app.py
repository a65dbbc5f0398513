from fastapi import FastAPI
from seen import answers, forget

app = FastAPI()
counts = {}
latest = {}


@app.post("/agent")
def answer(query: str):
    answers[query] = len(query)
    counts[query] = len(query)
    latest[query] = len(query)
    found = answers[query]
    forget(query)
    return found, counts[query], latest[query]
