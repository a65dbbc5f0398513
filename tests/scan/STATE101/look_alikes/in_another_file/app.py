from fastapi import FastAPI

import store
from store import connections

app = FastAPI()


@app.post("/agent")
def answer(session_id: str, query: str):
    sessions = {}
    sessions[session_id] = query
    connections[session_id] = query
    return store.sessions.get(session_id), sessions
