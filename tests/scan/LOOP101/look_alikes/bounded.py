from openai import OpenAI

client = OpenAI(timeout=10)


def ask(messages):
    return client.chat.completions.create(model="m", messages=messages).choices[0].message


def answer(messages, run):
    for _ in range(8):
        message = ask(messages)
        if not message.tool_calls:
            return message.content
        messages.extend(run(call) for call in message.tool_calls)
    raise RuntimeError("more than 8 rounds")


def counted(messages, run):
    rounds = 0
    while True:
        message = client.chat.completions.create(model="m", messages=messages).choices[0].message
        rounds += 1
        if not message.tool_calls or rounds > 8:
            return message.content
        messages.extend(run(call) for call in message.tool_calls)


def chat(messages):
    while True:
        messages.append(input("> "))
        message = client.chat.completions.create(model="m", messages=messages).choices[0].message
        print(message.content, message.tool_calls)


def worker(queue):
    while True:
        queue.get()()
