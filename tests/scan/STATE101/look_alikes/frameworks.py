import discord
from agents import SQLiteSession
from fastapi import FastAPI
from google import genai
from llama_index.core.memory import ChatMemoryBuffer
from strands import Agent
from strands.session.s3_session_manager import S3SessionManager

app = FastAPI()
client = genai.Client()
unused = ChatMemoryBuffer.from_defaults(token_limit=3000)


class MemoryUsage:
    def now(self):
        return 0


usage = MemoryUsage()


@app.post("/agent")
def answer(query: str, session: str):
    kept = SQLiteSession(session, "/data/sessions.db")
    chat = client.chats.create(model="gemini-2.5-flash", history=kept.get_items())
    agent = Agent(session_manager=S3SessionManager(session_id=session, bucket="sessions"))
    return agent(query), chat.send_message(query), usage.now()


class Bot(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents.default())
        self.channels_seen = []

    async def answered(self, text, channel):
        self.channels_seen.append(channel)
        history = []
        history.append(text)
        return history
