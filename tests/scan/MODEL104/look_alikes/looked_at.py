from openai import OpenAI

client = OpenAI()


def answer(query):
    choice = client.chat.completions.create(model="gpt-4.1-2025-04-14", messages=[]).choices[0]
    if choice.finish_reason != "stop":
        raise RuntimeError(f"the model ended with {choice.finish_reason}")
    return choice.message.content.strip()
