import json

from openai import OpenAI

client = OpenAI()


def answer(query, request):
    response = client.chat.completions.create(model="gpt-4.1-2025-04-14", messages=[])
    try:
        return json.loads(response.choices[0].message.content)
    except json.JSONDecodeError:
        return {"error": "the model's answer was no JSON"}


def other(request, message):
    return json.loads(request.body), json.loads(message.value)
