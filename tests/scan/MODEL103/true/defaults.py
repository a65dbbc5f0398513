import argparse
import os

from agno.models.openai import OpenAIChat
from litellm import completion
from pydantic import BaseModel, Field

MODEL = os.environ.get("CHAT_MODEL", "gpt-4-turbo")  # FOUND
summarizer = os.getenv("SUMMARY_MODEL") or "gemini-2.0-flash"  # FOUND


class Settings(BaseModel):
    answer_model: str = Field(default="gemini-2.5-pro", description="who answers")  # FOUND
    title_model: str = "gpt-4"  # FOUND


def answer(query, *, model="o3"):  # FOUND
    return completion(model="openai/" + model, messages=[{"role": "user", "content": query}])


def title(query, model_id: str = "gpt-4"):  # FOUND
    return OpenAIChat(id="gpt-3.5-turbo"), completion(model="openai/gpt-4", messages=[])  # FOUND


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="o1-mini")  # FOUND
    return parser.parse_args()


class Kept:
    def __init__(self, crew, config):
        self.model = "gpt-4"  # FOUND
        config["model_name"] = "gpt-4"  # FOUND
        self.agent = crew.Agent(role="writer", llm="gpt-4", function_calling_llm="gpt-4")  # FOUND
