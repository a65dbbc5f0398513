import os

from openai import OpenAI

MODEL = os.environ.get("MODEL", "gpt-4o")
EMBEDDINGS_MODEL = "text-embedding-3-small"
PINNED_MODEL = "mistral-medium-2508"
client = OpenAI()
PREFIXES = ("gpt-", "claude-")
TITLE = "gpt-4o is a model"


def answer(query, model="gpt-4o"):
    if model.startswith("gpt-5"):
        query += "!"
    prices = {"gpt-4o": 2.5, "gpt-5": 1.25}
    return client.responses.create(model="claude-sonnet-4-5-20250929", input=query), prices["gpt-4o"]


MISTRAL_LARGE_LATEST_MODEL = "mistral-large-latest"
PREVIEW_MODEL = "gemini-2.5-flash-preview-09-2025"
