from fastapi import FastAPI

import store
from store import sessions

app = FastAPI()


@app.post("/agent")
def answer(session_id: str, query: str):
    sessions.setdefault(session_id, []).append(query)  # FOUND
    store.turns[session_id] = query  # FOUND
    return sessions[session_id], store.turns
