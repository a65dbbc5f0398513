from openai import OpenAI

client = OpenAI()


def described(messages) -> str | None:
    try:
        response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages)
        description = response.choices[0].message.content
        return description
    except Exception:
        return None


def shortened(messages) -> str:
    try:
        text = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages).choices[0].message.content
        return text.strip()
    except Exception:
        return "no answer"


print(described([]), shortened([]))
