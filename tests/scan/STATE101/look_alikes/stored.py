import os

import redis
from fastapi import FastAPI
from langgraph.checkpoint.postgres import PostgresSaver

app = FastAPI()
store = redis.Redis.from_url(os.environ["REDIS_URL"], socket_timeout=5)
SESSION_LIMITS = {"turns": 20}


@app.post("/agent")
def answer(session: str, query: str):
    history = []
    history.append(query)
    store.rpush(session, query)
    return history, SESSION_LIMITS["turns"], PostgresSaver
