from openai import OpenAI

client = OpenAI()


def file(prompt):
    options = {"model": "gpt-5.4-2026-03-05", "max_tokens": 2000, "messages": [prompt]}
    response = client.chat.completions.create(**options)
    reply = response.choices[0]["message"]["content"]
    return reply  # FOUND
