from openai import OpenAI
from pydantic import BaseModel, ValidationError

client = OpenAI()


class Plan(BaseModel):
    steps: list[str]


def kept(path):
    return Plan.model_validate_json(path.read_text())


def plan(messages):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
    try:
        return Plan.model_validate_json(response.choices[0].message.content)
    except ValidationError:
        return Plan(steps=[])
