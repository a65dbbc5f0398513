import argparse
import os
from dataclasses import dataclass

import requests
from pydantic import BaseModel, Field

CHAT = os.environ.get("CHAT_MODEL", "gpt-4o")  # FOUND
DEFAULTS = {"FAST_LLM": "openai:gpt-5.4-mini", "TOKEN_LIMIT": 4000}  # FOUND


class Settings(BaseModel):
    answer_model: str = Field(default="gpt-4.1", json_schema_extra={"default": "gpt-4.1"})  # FOUND


@dataclass
class Options:
    title_model: str = "openai:gpt-4.1-mini"  # FOUND


def answer(query, model_id: str = "gpt-6-luna"):  # FOUND
    return requests.post(CHAT, json={"model": model_id}, timeout=10)


def realtime(voice):
    return f"wss://api.openai.com/v1/realtime?model=gpt-realtime&voice={voice}"  # FOUND


def flash(key, host="generativelanguage.googleapis.com"):
    return f"https://{host}/v1beta/models/gemini-flash-latest:generateContent?key={key}"  # FOUND


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="gpt-6-luna")  # FOUND
    return parser.parse_args()
