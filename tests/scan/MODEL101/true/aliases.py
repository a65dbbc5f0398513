from langchain_openai import ChatOpenAI
from openai import OpenAI

MODEL = "gpt-4o"  # FOUND
client = OpenAI()
chat = ChatOpenAI(model="gpt-5-mini")  # FOUND


def answer(query):
    options = {"model": "claude-sonnet-4-latest", "max_tokens": 100}  # FOUND
    return client.responses.create(model="gpt-4.1", input=query), options  # FOUND
