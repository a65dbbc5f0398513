from openai import OpenAI


def models():
    return OpenAI().models.list()
