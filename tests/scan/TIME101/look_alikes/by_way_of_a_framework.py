import socket
import urllib.request

import cohere
import openai
from agno.agent import Agent
from agno.models.openai import OpenAIChat
from crewai import LLM
from langchain.chat_models import init_chat_model

socket.setdefaulttimeout(10)
agent = Agent(model=OpenAIChat(id="gpt-5", timeout=30))
chat = init_chat_model("openai:gpt-5", temperature=0, timeout=30)
crew = LLM(model="gpt-5", timeout=30)
ranked = cohere.ClientV2()


def answer(query):
    urllib.request.urlretrieve("https://shop.example.com/catalogue", "/tmp/catalogue")
    return openai.ChatCompletion.create(model="gpt-5", messages=[query], request_timeout=30)
