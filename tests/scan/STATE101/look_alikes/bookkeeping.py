import json
import time
from collections import OrderedDict

from fastapi import FastAPI

app = FastAPI()
levels = {}
run_sessions = {}
circuit_states = {}
sessions_seen = {}
conversation_starts = {}
messages = {}


class Sandbox:
    def __init__(self, session_id, until):
        self.session_id = session_id
        self.until = until


class SandboxAgent:
    def __init__(self):
        self._sessions = {}
        self._sessions_by_id = {}
        self._active_threads = {}
        self._history = OrderedDict()

    def invoke(self, session_id, thread_id, call_hash):
        self._sessions[session_id] = Sandbox(session_id, time.time() + 600)
        self._sessions_by_id[session_id] = {"created_at": time.time(), "url": None}
        self._active_threads[session_id] = thread_id
        self._history[thread_id] = []
        history = self._history[thread_id]
        history.append(call_hash)
        if len(history) > 20:
            history[:] = history[-20:]
        return self._sessions

    def restore(self, file):
        for channel_id, thread_id in json.loads(file).items():
            self._active_threads[channel_id] = thread_id


class MessageStore:
    def __init__(self):
        self.backend = None


class MemoryMessageStore(MessageStore):
    def __init__(self):
        self._messages = {}

    def put(self, thread_id, record):
        self._messages.setdefault(thread_id, []).append(record)


agent = SandboxAgent()
store = MemoryMessageStore()


@app.post("/agent")
def answer(session_id: str, thread_id: str, level: str, call_hash: str):
    levels[session_id] = level
    run_sessions[session_id] = thread_id
    circuit_states[session_id] = {"failures": 0, "opened_at": time.time()}
    sessions_seen[session_id] = time.time()
    conversation_starts[session_id] = time.time()
    messages[level] = 1
    store.put(thread_id, level)
    return agent.invoke(session_id, thread_id, call_hash)


@app.delete("/agent")
def leave(session_id: str):
    levels.pop(session_id)
    return [each.pop(session_id) for each in (run_sessions, circuit_states, sessions_seen)]
