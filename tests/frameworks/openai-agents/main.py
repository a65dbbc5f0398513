"""The OpenAI Agents SDK's quickstart, with its weather tool and hand-offs, served by FastAPI."""

from agents import Agent, Runner, function_tool
from fastapi import FastAPI
from pydantic import BaseModel


@function_tool
def history_fun_fact() -> str:
    """Return a short history fact."""
    return "Sharks are older than trees."


history_tutor_agent = Agent(
    name="History Tutor",
    handoff_description="Specialist agent for historical questions",
    instructions="You answer history questions clearly and concisely.",
    tools=[history_fun_fact],
)

math_tutor_agent = Agent(
    name="Math Tutor",
    handoff_description="Specialist agent for math questions",
    instructions="You explain math step by step and include worked examples.",
)

triage_agent = Agent(
    name="Triage Agent",
    instructions="Route each homework question to the right specialist.",
    handoffs=[history_tutor_agent, math_tutor_agent],
)

app = FastAPI()


class Question(BaseModel):
    question: str


@app.post("/ask")
async def ask(question: Question):
    result = await Runner.run(triage_agent, question.question)
    return {"answer": result.final_output}
