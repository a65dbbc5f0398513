from functools import cache, lru_cache

import tiktoken
from fastapi import FastAPI

app = FastAPI()
pending = set()
answers = {}
conversations = {}
seen = []


class Settings:
    region = "eu"


@cache
def encoding_for(model_name: str):
    return tiktoken.encoding_for_model(model_name)


@lru_cache(maxsize=None)
def endpoint(settings: Settings):
    return settings.region


@app.post("/agent")
def answer(query: str, conversation_id: str):
    global seen
    pending.add(query)
    query_done = pending.discard
    query_done(query)
    answers[query] = encoding_for("gpt-4o-mini")
    if len(answers) > 1000:
        answers.clear()
    conversations[conversation_id] = query
    seen.append(query)
    seen = seen[-100:]
    return answers[query], endpoint(Settings())


class Models:
    made = {}

    @classmethod
    def of(cls, provider):
        cls.made[provider] = object()
        return cls.made[provider]


@app.post("/models/{provider}")
def model(provider: str):
    return str(Models.of(provider))
