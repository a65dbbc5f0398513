import requests
from openai import AzureOpenAI

client = AzureOpenAI(timeout=30)
CATALOGUE = requests.get("https://shop.example.com/catalogue", timeout=5).json()
print(client.embeddings.create(model="ada", input=CATALOGUE))
