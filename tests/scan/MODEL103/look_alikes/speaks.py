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
