import json
import re

from openai import OpenAI
from pydantic import BaseModel

client = OpenAI()


class Plan(BaseModel):
    steps: list[str]


def plan(messages):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
    return Plan.model_validate_json(response.choices[0].message.content)  # FOUND


def fenced(messages):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
    text = re.sub(r"```(json)?", "", response.choices[0].message.content)
    return json.loads(text.strip())  # FOUND
