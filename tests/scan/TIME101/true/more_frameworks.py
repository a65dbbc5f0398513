import dspy
import paramiko
from google.adk.agents import Agent
from google.adk.models.lite_llm import LiteLlm
from llama_index.llms.anthropic import Anthropic
from smolagents import OpenAIServerModel

root_agent = Agent(name="shop", model=LiteLlm(model="openai/gpt-5"))  # FOUND
dspy.configure(lm=dspy.LM("openai/gpt-5"))  # FOUND
judge = Anthropic(model="claude-sonnet-4-5")  # FOUND
model = OpenAIServerModel(model_id="gpt-5")  # FOUND


def disk(host):
    client = paramiko.SSHClient()
    client.connect(host)  # FOUND
    return client.exec_command("df")  # FOUND
