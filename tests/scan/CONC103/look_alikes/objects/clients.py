import openai


def get_client():
    return openai.AsyncOpenAI(timeout=5)
