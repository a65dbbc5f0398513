import anthropic
import litellm
import openai
import pandas.testing
from langchain_community.tools import DuckDuckGoSearchRun
from llama_index.core import VectorStoreIndex

from .torch import device


def answer(query):
    return openai, anthropic, litellm, VectorStoreIndex, DuckDuckGoSearchRun, pandas, device, query
