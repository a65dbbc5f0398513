from langchain_openai import ChatOpenAI
from openai import OpenAI

MODEL = "mistral-large-latest"  # FOUND
client = OpenAI()
chat = ChatOpenAI(model="gpt-6-luna")  # FOUND


def answer(query):
    options = {"model": "claude-sonnet-4-latest", "max_tokens": 100}  # FOUND
    return client.responses.create(model="gemini-flash-latest", input=query), options  # FOUND
