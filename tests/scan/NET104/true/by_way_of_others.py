import subprocess
import sys

import litellm  # FOUND
from langchain import hub
from langchain_openai import OpenAIEmbeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from mcp import StdioServerParameters

embeddings = OpenAIEmbeddings(timeout=10)  # FOUND
local = HuggingFaceEmbedding(model_name="BAAI/bge-small-en")  # FOUND
splitter = RecursiveCharacterTextSplitter.from_tiktoken_encoder(chunk_size=500)  # FOUND
FILES = StdioServerParameters(command="npx", args=["-y", "@modelcontextprotocol/server-filesystem@2025.8.21", "/data"])  # FOUND
SERVERS = {
    "time": {"command": "uvx", "args": ["mcp-server-time==2025.9.25"], "transport": "stdio"},  # FOUND
}


def prompt():
    return hub.pull("rlm/rag-prompt")  # FOUND


def answer(query):
    return litellm.completion(model="gpt-5", messages=[query], timeout=30)


def pull(model):
    subprocess.run(["ollama", "pull", model], timeout=600)  # FOUND
    subprocess.run([sys.executable, "-m", "spacy", "download", "en_core_web_sm"], timeout=600)  # FOUND
