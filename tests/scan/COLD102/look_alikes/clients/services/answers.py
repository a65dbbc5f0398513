import os

from google.cloud import bigquery
from google.genai import Client
from langchain_openai import ChatOpenAI
from openai import AzureOpenAI, OpenAI

if not os.getenv("OPENAI_API_KEY"):
    raise SystemExit("OPENAI_API_KEY is not set")

client = OpenAI(timeout=30)
local = ChatOpenAI(api_key="none", base_url="http://models.internal/v1", timeout=30)
of_azure = AzureOpenAI(azure_ad_token_provider=print, timeout=30)
with_default = OpenAI(api_key=os.getenv("MODEL_KEY", "none"), timeout=30)
painter = Client(vertexai=True, project=os.getenv("GOOGLE_CLOUD_PROJECT"), location="global")
optional = None
if os.getenv("AZURE_OPENAI_API_KEY"):
    optional = AzureOpenAI(timeout=30)


def answer(query, near):
    bigquery.Client()
    return client.responses.create(model="gpt-5", input=[query, *near])
