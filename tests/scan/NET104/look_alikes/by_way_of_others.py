import os
import subprocess

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm
from langchain_openai import OpenAIEmbeddings
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from mcp import StdioServerParameters

embeddings = OpenAIEmbeddings(timeout=10, check_embedding_ctx_length=False)
local = HuggingFaceEmbedding(model_name="/models/bge-small-en")
FILES = StdioServerParameters(command="mcp-server-filesystem", args=["/data"])
SERVERS = {"time": {"command": "python", "args": ["-m", "mcp_server_time"], "transport": "stdio"}}
TOOL = {"command": "npx", "description": "what was started"}


def answer(query):
    return litellm.completion(model="gpt-5", messages=[query], timeout=30)


def models():
    return subprocess.run(["ollama", "list"], timeout=10)
