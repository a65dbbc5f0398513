import os

from langchain_openai import AzureChatOpenAI

if not os.getenv("AZURE_OPENAI_API_KEY"):
    raise SystemExit("AZURE_OPENAI_API_KEY is not set")
model = AzureChatOpenAI(azure_deployment="gpt-5", timeout=30)
