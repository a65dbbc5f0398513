from functools import cached_property
from typing import Optional

from fastapi import FastAPI
from groq import Groq
from openai import OpenAI

app = FastAPI()


class Speech:
    def __init__(self):
        self._client: Optional[Groq] = None

    @property
    def client(self):
        if self._client is None:
            self._client = Groq(timeout=5)
        return self._client

    @cached_property
    def other(self) -> OpenAI:
        return OpenAI(timeout=5)

    async def heard(self, audio):
        return self.client.audio.transcriptions.create(file=audio, model="whisper")  # FOUND

    async def said(self, text):
        return self.other.audio.speech.create(input=text, model="tts", voice="alloy")  # FOUND


speech = Speech()


@app.post("/voice")
async def answer(audio: bytes):
    heard = await speech.heard(audio)
    named = speech.other.responses.create(model="m", input=heard)  # FOUND
    return await speech.said(named)
