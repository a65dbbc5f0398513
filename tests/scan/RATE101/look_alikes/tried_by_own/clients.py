from openai import AsyncOpenAI


def client() -> AsyncOpenAI:
    return AsyncOpenAI(timeout=20, max_retries=0)
