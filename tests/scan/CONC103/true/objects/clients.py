import openai

_client = None


def get_client():
    global _client
    if _client is None:
        _client = openai.OpenAI(timeout=5)
    return _client
