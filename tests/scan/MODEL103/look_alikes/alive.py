from anthropic import Anthropic

MODEL = "gpt-4.1-2025-04-14"
RETIRED = ["claude-2.1", "gpt-4-32k"]


def answer(query, model):
    if model == "claude-2.1":
        raise ValueError("claude-2.1 is retired")
    return Anthropic().messages.create(model=MODEL, max_tokens=100, messages=[])
