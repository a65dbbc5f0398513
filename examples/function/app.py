"""Answers questions about our opening hours. `agent` is all there is: a function from text to text."""

import json

from openai import OpenAI

MODEL = "gpt-5.4-2026-03-05"
PROMPT = "You answer questions about our shop's opening hours. Look them up before you answer."
HOURS = {"monday": "closed", "saturday": "10 to 14", "sunday": "closed"}
TOOL = {
    "type": "function",
    "function": {
        "name": "opening_hours",
        "description": "When the shop is open on a day of the week.",
        "parameters": {
            "type": "object",
            "properties": {"day": {"type": "string", "description": "in English, such as monday"}},
            "required": ["day"],
        },
    },
}

# Reads OPENAI_API_KEY now and says so when it is missing. The SDK waits as long as a 429 asks for and tries
# three times in all, 25 s at the most: less than the 30 s that a caller waits.
client = OpenAI(timeout=8, max_retries=2)


def agent(text: str) -> str:
    messages = [{"role": "system", "content": PROMPT}, {"role": "user", "content": text}]
    for _ in range(5):
        choice = client.chat.completions.create(model=MODEL, messages=messages, tools=[TOOL]).choices[0]
        said = choice.message
        if not said.tool_calls:
            if not said.content or choice.finish_reason == "length":
                raise RuntimeError(f"the model gave no whole answer: {said.refusal or choice.finish_reason}")
            return said.content
        messages.append(said)
        for call in said.tool_calls:
            result = opening_hours(call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
    raise RuntimeError("the model gave no answer in five steps")


def opening_hours(name: str, arguments: str) -> str:
    try:
        if name != "opening_hours":
            return f"there is no tool {name!r}"
        return HOURS.get(json.loads(arguments)["day"].lower(), "9 to 18")
    except (ValueError, TypeError, KeyError, AttributeError):
        return 'the arguments should be like {"day": "monday"}'
