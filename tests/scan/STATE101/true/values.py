from dataclasses import dataclass, field

from fastapi import FastAPI
from langchain.memory import ConversationBufferMemory

app = FastAPI()
kept = {}
by_user = {}
made = {}
states = {}
open_ones = {}
threads = {}


@dataclass
class Visit:
    language: str
    messages: list = field(default_factory=list)


class Assistant:
    def ask(self, text):
        return text


class SupportAgent:
    def __init__(self):
        self._sessions = {}

    def invoke(self, session_id, text):
        turns = self._sessions.setdefault(session_id, [])  # FOUND
        turns.append({"role": "user", "content": text})
        return turns


agent = SupportAgent()


@app.post("/agent")
def answer(client, session_id: str, user_id: str, phone: str, text: str):
    if session_id not in kept:
        kept[session_id] = []
    kept[session_id].append({"role": "user", "content": text})  # FOUND
    if user_id not in by_user:
        by_user[user_id] = ConversationBufferMemory()  # FOUND
    made[phone] = Assistant()  # FOUND
    states[session_id] = Visit("en")  # FOUND
    open_ones[session_id] = {"messages": [], "language": "en"}  # FOUND
    if user_id not in threads:
        thread = client.beta.threads.create()
        threads[user_id] = thread.id  # FOUND
    return agent.invoke(session_id, text), made[phone].ask(text), by_user, states, open_ones
