import asyncio
import threading

from fastapi import FastAPI

app = FastAPI()
under_way = set()
sessions = {}
lines = []
totals = {"requests": 0}
counting = threading.Lock()
WEIGHTS = {"title": 2, "text": 1}


@app.post("/agent")
async def answer(session_id: str, query: str):
    task = asyncio.create_task(remember(query))
    under_way.add(task)
    task.add_done_callback(under_way.discard)
    sessions[session_id] = query
    lines.append(query)
    with counting:
        totals["requests"] += 1
    return {word: WEIGHTS.get(word, 0) for word in query.split()}, sessions[session_id]


async def remember(query):
    await asyncio.sleep(0)
