import dspy
import paramiko
from google.adk.agents import Agent
from google.adk.models.lite_llm import LiteLlm
from llama_index.llms.anthropic import Anthropic
from llama_index.llms.openai import OpenAI
from smolagents import OpenAIServerModel

root_agent = Agent(name="shop", model=LiteLlm(model="openai/gpt-5", timeout=30))
of_google = Agent(name="shop", model="gemini-2.5-flash")
dspy.configure(lm=dspy.LM("openai/gpt-5", timeout=30))
judge = Anthropic(model="claude-sonnet-4-5", timeout=30)
other = OpenAI(model="gpt-5")
model = OpenAIServerModel(model_id="gpt-5", client_kwargs={"timeout": 30})


def disk(host):
    client = paramiko.SSHClient()
    client.connect(host, timeout=10)
    return client.exec_command("df", timeout=30)
