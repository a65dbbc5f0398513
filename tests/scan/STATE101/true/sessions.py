from fastapi import FastAPI
from langgraph.checkpoint.memory import MemorySaver

app = FastAPI()
sessions = {}
checkpointer = MemorySaver()  # FOUND


@app.post("/agent")
def answer(session: str, query: str):
    sessions.setdefault(session, []).append(query)  # FOUND
    return sessions[session]
