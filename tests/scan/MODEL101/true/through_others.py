from agno.models.openai import OpenAIChat
from litellm import completion
from pydantic_ai import Agent

agent = Agent("openai:gpt-6-luna")  # FOUND
chat = OpenAIChat(id="gpt-6-luna")  # FOUND


def answer(query):
    return completion(model="gemini/gemini-flash-latest", messages=[{"role": "user", "content": query}])  # FOUND
