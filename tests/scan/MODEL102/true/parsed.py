import json

from openai import OpenAI

client = OpenAI()


def answer(query):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    text = response.choices[0].message.content
    first = json.loads(response.choices[0].message.content)  # FOUND
    return first, json.loads(text.strip())  # FOUND
