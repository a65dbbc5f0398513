"""A support agent: OpenAI's model, customers in PostgreSQL through a pool of psycopg, threads that FastAPI keeps."""

import json
import logging
import os
import socket
import threading
from contextlib import asynccontextmanager, contextmanager

import psycopg
import uvicorn
from fastapi import FastAPI, Request
from openai import OpenAI
from psycopg_pool import ConnectionPool
from pydantic import BaseModel

DATABASE_URL = os.environ["DATABASE_URL"]
SECONDS = 1

log = logging.getLogger("agent")
model = OpenAI(timeout=2, max_retries=1)
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


@contextmanager
def deadline(connection):
    """psycopg waits for an answer for ever: after SECONDS the connection is hung up, which ends the wait."""

    def hang_up():
        with socket.socket(fileno=os.dup(connection.fileno())) as lost:
            lost.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(SECONDS, hang_up)
    timer.start()
    try:
        yield connection
    finally:
        timer.cancel()


def check(connection):
    with deadline(connection):
        ConnectionPool.check_connection(connection)


@asynccontextmanager
async def lifespan(app: FastAPI):
    settings = {"connect_timeout": 2}
    with ConnectionPool(DATABASE_URL, min_size=2, max_size=5, timeout=2, check=check, kwargs=settings) as pool:
        app.state.pool = pool
        yield


app = FastAPI(lifespan=lifespan)


class Question(BaseModel):
    query: str


def find_customer(pool, number):
    with pool.connection() as connection, deadline(connection):
        row = connection.execute("SELECT name, plan FROM customers WHERE id = %s", [number]).fetchone()
    return f"name: {row[0]}, plan: {row[1]}" if row else "there is no such customer"


def run(pool, call):
    try:
        return find_customer(pool, **json.loads(call.function.arguments))
    except psycopg.Error as error:
        log.warning("the database failed: %s", error)
        return f"error: the customer database cannot be asked now: {error}"


@app.post("/agent")
def agent(question: Question, request: Request):
    messages = [{"role": "user", "content": question.query}]
    while True:
        completion = model.chat.completions.create(model="gpt-4.1", messages=messages, tools=tools)
        message = completion.choices[0].message
        if not message.tool_calls:
            return {"output": message.content}
        messages.append(message)
        for call in message.tool_calls:
            result = run(request.app.state.pool, call)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080, log_level="warning")
