import json

from openai import OpenAI

client = OpenAI()


def answer(query):
    response = client.chat.completions.create(model="gpt-4.1-2025-04-14", messages=[])
    text = response.choices[0].message.content
    first = json.loads(response.choices[0].message.content)  # FOUND
    return first, json.loads(text.strip())  # FOUND
