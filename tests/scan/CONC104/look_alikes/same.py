import os
import threading

import openai
from fastapi import FastAPI

from .settings import settings

app = FastAPI()
LOCK = threading.Lock()
NAME = "agent"


@app.post("/agent")
def answer(key: str, folder: str, request):
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.environ["LANGSMITH_PROJECT"] = NAME
    openai.api_key = os.getenv("OPENAI_API_KEY")
    mine = settings.other_key
    os.environ["OTHER_KEY"] = mine
    os.environ.setdefault("REGION", "eu")
    request.state.key = key
    settings_of = {**os.environ, "KEY": key}
    with LOCK:
        os.environ["GUARDED"] = key
    return settings_of


class Settings:
    def __init__(self, is_managed):
        self.key = os.getenv("OPENAI_API_KEY")
        if is_managed:
            self.key = ""

    @app.get("/settings")
    def put(self):
        os.environ["OPENAI_API_KEY"] = self.key
