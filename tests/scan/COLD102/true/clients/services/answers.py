import os

from google.cloud import bigquery
from google.genai import Client
from langchain_openai import AzureOpenAIEmbeddings
from openai import OpenAI

OPENAI_API_KEY = os.getenv("OPENAI_API_KEY")

client = OpenAI(api_key=OPENAI_API_KEY, timeout=30)  # FOUND
embeddings = AzureOpenAIEmbeddings(azure_deployment="ada", timeout=10)  # FOUND
painter = Client(vertexai=True)  # FOUND
warehouse = bigquery.Client()  # FOUND


def answer(query, near):
    return client.responses.create(model="gpt-5", input=[query, *near])
