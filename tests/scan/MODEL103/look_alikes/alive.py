from anthropic import Anthropic

MODEL = "mistral-medium-2508"
RETIRED = ["claude-2.1", "gpt-4-32k"]


def answer(query, model):
    if model == "claude-2.1":
        raise ValueError("claude-2.1 is retired")
    return Anthropic().messages.create(model=MODEL, max_tokens=100, messages=[])
