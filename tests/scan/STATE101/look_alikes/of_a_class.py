from fastapi import FastAPI

app = FastAPI()


class Conversations:
    locks = {}
    LIMITS = {"turns": 10}

    def __init__(self):
        self.turns = {}

    @classmethod
    def of(cls, session_id):
        made = cls()
        made.turns[session_id] = cls.LIMITS["turns"]
        return made


@app.post("/agent")
def answer(session_id: str, query: str):
    Conversations.locks[session_id] = query
    return Conversations.of(session_id).turns
