import time

from anthropic import Anthropic

client = Anthropic(timeout=10)
MAX_TURNS = 8


def answer(messages, call, deadline):
    message = client.messages.create(model="m", max_tokens=100, messages=messages)
    turn = 0
    while message.stop_reason == "tool_use" and turn < MAX_TURNS:
        messages.append(call(message))
        message = client.messages.create(model="m", max_tokens=100, messages=messages)
        turn += 1
    while message.stop_reason == "tool_use":
        if time.monotonic() > deadline:
            raise TimeoutError
        message = client.messages.create(model="m", max_tokens=100, messages=messages)
    return message


async def serve(socket, messages):
    while True:
        messages.append(await socket.receive_text())
        message = client.messages.create(model="m", max_tokens=100, messages=messages)
        if message.stop_reason == "tool_use":
            continue


def results(message):
    while message.tool_calls:
        yield message.tool_calls.pop()


def complete(client, messages, steps_left=10):
    if steps_left == 0:
        raise RuntimeError("too many steps")
    response = client.messages.create(model="m", max_tokens=1000, messages=messages)
    if response.stop_reason == "tool_use":
        return complete(client, messages, steps_left - 1)
    return response
