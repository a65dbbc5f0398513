import os

from langchain_text_splitters import CharacterTextSplitter
from openai import OpenAI

MODEL = os.environ.get("MODEL", "gpt-4o-2024-11-20")
EMBEDDINGS_MODEL = "text-embedding-3-small"
PINNED_MODEL = "mistral-medium-2508"
client = OpenAI()
OPEN_MODEL = "gpt-oss-120b"
PAGE = "https://platform.openai.com/docs/models/gpt-4o-mini-2024-07-18"
PREFIXES = ("gpt-", "claude-")
TITLE = "gpt-4o is a model"


def answer(query, model="gpt-4.1-2025-04-14"):
    if model.startswith("gpt-5"):
        query += "!"
    prices = {"gpt-4o": 2.5, "gpt-5": 1.25}
    return client.responses.create(model="claude-sonnet-4-5-20250929", input=query), prices["gpt-4o"]


MISTRAL_LARGE_LATEST_MODEL = "mistral-large-latest"
PREVIEW_MODEL = "gemini-2.5-flash-preview-09-2025"
splitter = CharacterTextSplitter.from_tiktoken_encoder(model_name="gpt-4o")
