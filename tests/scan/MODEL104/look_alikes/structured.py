from langchain_openai import ChatOpenAI
from pydantic import BaseModel

model = ChatOpenAI(model="gpt-5.4-2026-03-05", timeout=20)


class Plan(BaseModel):
    steps: list[str]


async def plan(state: dict) -> dict:
    response = await model.with_structured_output(Plan).ainvoke(state["messages"])
    if response is None:
        raise RuntimeError("the model made no plan")
    return {"steps": response.steps}


def strictly(question: str) -> list[str]:
    answer = model.with_structured_output(Plan, method="json_schema").invoke(question)
    return answer.steps


def raw(question: str) -> list[str]:
    answer = model.with_structured_output(Plan, include_raw=True).invoke(question)
    return answer["parsed"].steps if answer["parsed"] else []


def guarded(question: str) -> list[str]:
    try:
        answer = model.with_structured_output(Plan).invoke(question)
        return answer.steps
    except AttributeError:
        return []


def handed_on(question: str) -> Plan | None:
    answer = model.with_structured_output(Plan).invoke(question)
    return answer
