import urllib.request

import openai
from agno.agent import Agent
from agno.models.openai import OpenAIChat
from crewai import LLM
from langchain.chat_models import init_chat_model

agent = Agent(model=OpenAIChat(id="gpt-5"))  # FOUND
chat = init_chat_model("openai:gpt-5", temperature=0)  # FOUND
crew = LLM(model="gpt-5")  # FOUND


def answer(query):
    urllib.request.urlretrieve("https://shop.example.com/catalogue", "/tmp/catalogue")  # FOUND
    return openai.ChatCompletion.create(model="gpt-5", messages=[query])  # FOUND
