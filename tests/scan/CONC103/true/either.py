import os

from anthropic import Anthropic, AnthropicBedrock
from fastapi import FastAPI
from openai import AzureOpenAI, OpenAI

app = FastAPI()
client = AzureOpenAI(timeout=10) if "AZURE" in os.environ else OpenAI(timeout=10)


@app.post("/agent")
async def answer(query: str):
    return client.chat.completions.create(model="m", messages=[])  # FOUND


@app.post("/other")
async def other(query: str):
    if "BEDROCK" in os.environ:
        claude = AnthropicBedrock(timeout=10)
    else:
        claude = Anthropic(timeout=10)
    return claude.messages.create(model="m", messages=[], max_tokens=100)  # FOUND
