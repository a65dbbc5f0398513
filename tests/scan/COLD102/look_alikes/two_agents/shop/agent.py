import os

from langchain_openai import AzureChatOpenAI

model = AzureChatOpenAI(azure_deployment="gpt-5", openai_api_key=os.getenv("AZURE_OPENAI_API_KEY"), timeout=30)
