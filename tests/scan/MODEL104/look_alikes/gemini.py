import requests
from google import genai

client = genai.Client()


def title(query):
    response = client.models.generate_content(model="gemini-2.5-flash-preview-09-2025", contents=query)
    if not response.text:
        raise RuntimeError("the model gave no answer")
    return response.text.strip()


def page(url):
    response = requests.get(url, timeout=10)
    return response.text.strip()
