from fastapi import FastAPI
from langchain.chat_models import init_chat_model
from langchain_google_genai import ChatGoogleGenerativeAI
from llama_index.llms.openai import OpenAI as Llama
from openai import AsyncOpenAI

NEVER = 0
app = FastAPI()
client = AsyncOpenAI(timeout=10)
llama = Llama(model="m", max_retries=NEVER)  # FOUND
chosen = init_chat_model("openai:m", max_retries=0)  # FOUND


class Briefing:
    def __init__(self):
        self.llm = ChatGoogleGenerativeAI(model="m", temperature=0, max_retries=0)  # FOUND


@app.post("/agent")
async def answer(query: str):
    return await client.with_options(max_retries=0).responses.create(model="m", input=query)  # FOUND
