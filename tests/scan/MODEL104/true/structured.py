from typing import cast

from langchain_anthropic import ChatAnthropic
from pydantic import BaseModel

model = ChatAnthropic(model="claude-sonnet-4-5-20250929", timeout=20)


class Plan(BaseModel):
    steps: list[str]


async def plan(state: dict) -> dict:
    planner = model.with_structured_output(Plan)
    response = cast(Plan, await planner.ainvoke(state["messages"]))
    return {"steps": response.steps, "count": len(response.steps)}  # FOUND


def route(prompt, question: str) -> str:
    answer = (prompt | model.with_structured_output({"title": "Route"})).invoke(question)
    return answer["to"]  # FOUND
