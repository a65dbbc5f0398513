from pydantic_ai import Agent
from pydantic_ai.models.test import TestModel

later = Agent(system_prompt="Answer.")
unchecked = Agent("groq:llama-3.3-70b-versatile", defer_model_check=True)
tested = Agent(TestModel())


def made():
    return Agent("mistral:mistral-large-latest")
