"""Anthropic's guide to tool use, served by FastAPI."""

import anthropic
from fastapi import FastAPI
from pydantic import BaseModel

client = anthropic.Anthropic()
tools = [
    {
        "name": "get_weather",
        "description": "Get the current weather in a given location",
        "input_schema": {
            "type": "object",
            "properties": {"location": {"type": "string", "description": "The city and state, e.g. San Francisco, CA"}},
            "required": ["location"],
        },
    }
]


def get_weather(location):
    return f"15 degrees, mostly cloudy in {location}"


app = FastAPI()


class Question(BaseModel):
    question: str


@app.post("/ask")
def ask(question: Question):
    messages = [{"role": "user", "content": question.question}]
    while True:
        response = client.messages.create(model="claude-sonnet-4-5", max_tokens=1024, tools=tools, messages=messages)
        if response.stop_reason != "tool_use":
            return {"answer": "".join(block.text for block in response.content if block.type == "text")}
        messages.append({"role": "assistant", "content": response.content})
        results = [
            {"type": "tool_result", "tool_use_id": block.id, "content": get_weather(**block.input)}
            for block in response.content
            if block.type == "tool_use"
        ]
        messages.append({"role": "user", "content": results})
