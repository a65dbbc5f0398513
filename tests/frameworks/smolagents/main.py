"""smolagents' guided tour with a tool-calling agent and an OpenAI model, served by FastAPI."""

import os

from fastapi import FastAPI
from pydantic import BaseModel
from smolagents import OpenAIModel, ToolCallingAgent, tool


@tool
def get_travel_duration(start_location: str, destination_location: str) -> str:
    """Gets the travel time between two places.

    Args:
        start_location: the place from which you start your ride
        destination_location: the place of arrival
    """
    return f"From {start_location} to {destination_location}: 35 minutes"


model = OpenAIModel(model_id="gpt-4.1", api_key=os.environ["OPENAI_API_KEY"])
agent = ToolCallingAgent(tools=[get_travel_duration], model=model)

app = FastAPI()


class Question(BaseModel):
    question: str


@app.post("/ask")
def ask(question: Question):
    return {"answer": str(agent.run(question.question))}
