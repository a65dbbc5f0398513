from anthropic import Anthropic
from fastapi import FastAPI
from openai import OpenAI

app = FastAPI()
client = OpenAI()


def never_called(messages):
    return client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=messages).choices[0].message.content


def grade(messages, logger):
    try:
        score = int(client.chat.completions.create(messages=messages).choices[0].message.content.strip())
    except Exception:
        logger.exception("no grade")
        score = 3
    return score


def documents(found, run):
    Anthropic()
    for each in found.content:
        run(each)
    return grade([], None)
