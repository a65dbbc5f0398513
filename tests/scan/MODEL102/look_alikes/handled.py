import json

from openai import OpenAI

client = OpenAI()


def answer(query, request):
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    try:
        return json.loads(response.choices[0].message.content)
    except json.JSONDecodeError:
        return {"error": "the model's answer was no JSON"}


def other(request, message):
    return json.loads(request.body), json.loads(message.value)
