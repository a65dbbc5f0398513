from fastapi import FastAPI
from seen import answers, forget

app = FastAPI()


@app.post("/agent")
def answer(query: str):
    answers[query] = len(query)
    found = answers[query]
    forget(query)
    return found
