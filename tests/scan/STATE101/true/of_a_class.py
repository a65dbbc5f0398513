from fastapi import FastAPI

app = FastAPI()


class Conversations:
    turns = {}
    waiting = {}

    @classmethod
    def add(cls, session_id, text):
        cls.turns.setdefault(session_id, []).append(text)  # FOUND


@app.post("/agent")
def answer(session_id: str, query: str):
    Conversations.add(session_id, query)
    Conversations.waiting[session_id] = query  # FOUND
    return Conversations.turns
