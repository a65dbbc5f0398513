from openai import OpenAI

client = OpenAI()


def answer(query):
    choice = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[]).choices[0]
    if choice.finish_reason != "stop":
        raise RuntimeError(f"the model ended with {choice.finish_reason}")
    return choice.message.content.strip()
