"""The agent: asks the model, runs the tools that it calls, and reads its answer."""

import json
from pathlib import Path

import model
import tools

PROMPT = (Path(__file__).parent / "prompt.md").read_text("utf-8")
STEPS = 8


class Conversation:
    """One request's messages: nobody else's."""

    def __init__(self):
        self.messages = []

    def answer(self, query, deadline):
        self.messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": query}]
        for _ in range(STEPS):
            message = model.ask(self.messages, deadline)
            if not message.get("tool_calls"):
                return read(message)
            self.messages.append(message)
            for call in message["tool_calls"]:
                result = tools.run(call["function"]["name"], call["function"]["arguments"])
                self.messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
        raise model.Failed(502, f"the model came to no answer in {STEPS} steps")


def answer(query, deadline):
    """The answer's text, by `deadline` (as time.monotonic counts), or model.Failed."""
    return Conversation().answer(query, deadline)


def read(message):
    """The answer in the model's JSON, wherever in its text that stands."""
    if message.get("refusal"):
        return message["refusal"]
    content = message.get("content") or ""
    for position, character in enumerate(content):
        if character == "{":
            try:
                found, _ = json.JSONDecoder().raw_decode(content, position)
            except ValueError:
                continue
            if isinstance(found.get("answer"), str):
                return found["answer"]
    raise model.Failed(502, "the model's answer is not the JSON that it was asked for")
