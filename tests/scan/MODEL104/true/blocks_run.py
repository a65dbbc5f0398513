from anthropic import Anthropic

client = Anthropic()


def answer(messages, tools, run):
    response = client.messages.create(model="claude-opus-5", max_tokens=1000, messages=messages, tools=tools)
    return [run(block.name, block.input) for block in response.content if block.type == "tool_use"]


def step(messages, tools, run):
    response = client.messages.create(model="claude-opus-5", max_tokens=1000, messages=messages, tools=tools)
    for block in response.content:  # FOUND
        if block.type == "tool_use":
            run(block.name, block.input)
