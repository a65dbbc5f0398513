"""A support agent: OpenAI's model, customers in PostgreSQL through a pool of asyncpg, served by FastAPI."""

import json
import logging
import os
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from openai import AsyncOpenAI
from pydantic import BaseModel

DATABASE_URL = os.environ["DATABASE_URL"]

log = logging.getLogger("agent")
model = AsyncOpenAI(timeout=2, max_retries=1)
tools = [
    {
        "type": "function",
        "function": {
            "name": "find_customer",
            "description": "Looks a customer up by their number, like C-17.",
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
    app.state.pool = await asyncpg.create_pool(DATABASE_URL, min_size=2, max_size=5, timeout=1, command_timeout=1)
    yield
    app.state.pool.terminate()


app = FastAPI(lifespan=lifespan)


class Question(BaseModel):
    query: str


async def find_customer(pool, number):
    row = await pool.fetchrow("SELECT name, plan FROM customers WHERE id = $1", number)
    return json.dumps(dict(row)) if row else "there is no such customer"


async def run(pool, call):
    try:
        return await find_customer(pool, **json.loads(call.function.arguments))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("the database failed: %r", error)
        return f"error: the customer database cannot be asked now: {error!r}"


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
            result = await run(request.app.state.pool, call)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080, log_level="warning")
