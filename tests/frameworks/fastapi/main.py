"""A summary as JSON from OpenAI, asked for in the prompt, served as FastAPI's first steps do."""

import json

from fastapi import FastAPI
from openai import AsyncOpenAI
from pydantic import BaseModel

app = FastAPI()
client = AsyncOpenAI()


class Item(BaseModel):
    text: str


@app.post("/summary")
async def summary(item: Item):
    completion = await client.chat.completions.create(
        model="gpt-4.1",
        messages=[
            {"role": "system", "content": 'Summarise the text. Reply with JSON: {"summary": "...", "language": "en"}'},
            {"role": "user", "content": item.text},
        ],
    )
    return json.loads(completion.choices[0].message.content)
