"""A support agent: OpenAI's model, customers' plans in Redis through redis-py's pool, served by FastAPI."""

import json
import logging
import os
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI, Request
from openai import AsyncOpenAI
from pydantic import BaseModel
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ConstantBackoff
from redis.exceptions import RedisError

REDIS_URL = os.environ["REDIS_URL"]

log = logging.getLogger("agent")
model = AsyncOpenAI(timeout=2, max_retries=1)
tools = [
    {
        "type": "function",
        "function": {
            "name": "find_plan",
            "description": "Looks a customer's plan up by their number, like C-17.",
            "parameters": {
                "type": "object",
                "properties": {"number": {"type": "string", "enum": ["C-17", "C-18"]}},
                "required": ["number"],
            },
        },
    }
]


@asynccontextmanager
async def lifespan(app: FastAPI):
    retry = Retry(ConstantBackoff(0.1), retries=1)
    pool = BlockingConnectionPool.from_url(
        REDIS_URL, max_connections=5, timeout=1, socket_connect_timeout=1, socket_timeout=1, retry=retry
    )
    async with Redis(connection_pool=pool) as app.state.cache:
        yield


app = FastAPI(lifespan=lifespan)


class Question(BaseModel):
    query: str


async def find_plan(cache, number):
    plan = await cache.get(f"plan:{number}")
    return plan.decode() if plan else "there is no such customer"


async def run(cache, call):
    try:
        return await find_plan(cache, **json.loads(call.function.arguments))
    except RedisError as error:
        log.warning("the cache failed: %s", error)
        return f"error: the plans cannot be looked up now: {error}"


@app.post("/agent")
async def agent(question: Question, request: Request):
    messages = [{"role": "user", "content": question.query}]
    while True:
        completion = await model.chat.completions.create(model="gpt-4.1", messages=messages, tools=tools)
        message = completion.choices[0].message
        if not message.tool_calls:
            return {"output": message.content}
        messages.append(message)
        for call in message.tool_calls:
            result = await run(request.app.state.cache, call)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080, log_level="warning", loop="asyncio")
