from fastapi import FastAPI

from services import agents, answers, vectors

app = FastAPI()


@app.post("/ask")
def ask(query: str):
    return answers.answer(query, vectors.near(query)), agents
