import litellm
from openai import OpenAI

client = OpenAI()


def short(messages):
    return client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages).choices[0].message.content  # FOUND


def either(messages, tools):
    message = litellm.completion(model="gpt-5.4-2026-03-05", messages=messages, tools=tools)["choices"][0]["message"]
    if message.get("tool_calls"):
        text = litellm.completion(model="gpt-5.4-2026-03-05", messages=messages)["choices"][0]["message"]["content"]
        return text  # FOUND
    text = message.get("content", "")
    return text


print(short([]), either([], []))
