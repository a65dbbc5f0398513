from fastapi import FastAPI
from seen import answers

app = FastAPI()


@app.post("/agent")
def answer(query: str):
    answers[query] = len(query)  # FOUND
    return answers[query]
