import os

import tiktoken
from openai import AzureOpenAI

DEPLOYMENT = os.environ.get("AZURE_OPENAI_MODEL", "gpt-4o")
client = AzureOpenAI()


def count_tokens(text, model="gpt-4"):
    return len(tiktoken.encoding_for_model(model).encode(text))


def answer(query, style="gpt-4"):
    return client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": query}])


def named(names):
    return names.get("gpt-4", "gpt-4o")


def deployment():
    model_name = os.environ.get("AZURE_MODEL_DEPLOYMENT", "gpt-4")
    return model_name


class Prices:
    def __init__(self, table):
        self.cheapest = "gpt-4"
        table["gpt-4"] = "gpt-4o"
        self.encoder = tiktoken.get_encoding(token_model="gpt-4")


def known(Settings):
    return [
        Settings(model="gpt-4", price=30),
        Settings(model="gpt-4o", price=5),
        Settings(model="o1", price=15),
        Settings(model="o1-mini", price=3),
        Settings(model="gpt-3.5-turbo", price=1),
    ]
