import discord
from agents import SQLiteSession
from fastapi import FastAPI
from google import genai
from langchain.memory import ConversationBufferMemory
from llama_index.core.memory import ChatMemoryBuffer
from strands import Agent

app = FastAPI()
agent = Agent(tools=[])  # FOUND
chat = genai.Client().chats.create(model="gemini-2.5-flash")  # FOUND
memory = ChatMemoryBuffer.from_defaults(token_limit=3000)  # FOUND
chain = dict(memory=ConversationBufferMemory())  # FOUND


class InMemorySessionStore:
    def __init__(self):
        self.rows = {}


store = InMemorySessionStore()  # FOUND


@app.post("/agent")
def answer(query: str, session: str):
    kept = SQLiteSession(session)  # FOUND
    return agent(query), chat.send_message(query), memory.get(), chain["memory"], store.rows, kept


class Bot(discord.Client):
    def __init__(self):
        super().__init__(intents=discord.Intents.default())
        self.conversation_history = []

    async def answered(self, text):
        self.conversation_history.append({"role": "user", "content": text})  # FOUND
        return self.conversation_history
