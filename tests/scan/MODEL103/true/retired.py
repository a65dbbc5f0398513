from anthropic import Anthropic

MODEL = "gpt-4-32k"  # FOUND


def answer(query):
    client = Anthropic()
    return client.messages.create(model="claude-2.1", max_tokens=100, messages=[])  # FOUND
