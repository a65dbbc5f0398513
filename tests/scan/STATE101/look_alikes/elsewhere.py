import asyncio
import os

from fastapi import FastAPI, WebSocket
from langchain_core.chat_history import InMemoryChatMessageHistory
from langgraph.checkpoint.memory import MemorySaver
from langgraph.checkpoint.postgres import PostgresSaver

app = FastAPI()
session_locks = {}
connections = {}
sessions = {}
profile_cache = {}


def checkpointer():
    if "DATABASE_URL" in os.environ:
        return PostgresSaver.from_conn_string(os.environ["DATABASE_URL"])
    return MemorySaver()


class ToolServersAgent:
    def __init__(self):
        self.sessions = {}

    def invoke(self, server_name, session):
        self.sessions[server_name] = session


@app.websocket("/agent")
async def answer(socket: WebSocket, session_id: str, server_name: str):
    connections[session_id] = socket
    session_locks.setdefault(session_id, asyncio.Lock())
    sessions[server_name] = socket
    profile_cache[session_id] = socket
    history = InMemoryChatMessageHistory()
    history.add_user_message(await socket.receive_text())
    del connections[session_id], sessions[server_name], profile_cache[session_id], session_locks[session_id]
    return history, ToolServersAgent().invoke(server_name, socket)
