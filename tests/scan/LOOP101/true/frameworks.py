from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.tools.duckduckgo import DuckDuckGoTools


def researcher(model_id: str):
    return Agent(name="researcher", model=OpenAIChat(id=model_id), tools=[DuckDuckGoTools()])  # FOUND
