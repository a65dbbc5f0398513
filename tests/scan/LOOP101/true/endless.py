from openai import OpenAI

client = OpenAI(timeout=10)


def answer(messages, run):
    while True:  # FOUND
        message = client.chat.completions.create(model="m", messages=messages).choices[0].message
        if not message.tool_calls:
            return message.content
        messages.extend(run(call) for call in message.tool_calls)
