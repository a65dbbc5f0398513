import asyncio

from fastapi import FastAPI
from groq import AsyncGroq, Groq

app = FastAPI()


class Speech:
    @property
    def client(self) -> AsyncGroq:
        return AsyncGroq(timeout=5)

    @property
    def held(self) -> Groq:
        return Groq(timeout=5)

    async def heard(self, audio):
        return await self.client.audio.transcriptions.create(file=audio, model="whisper")

    async def heard_apart(self, audio):
        return await asyncio.to_thread(self.held.audio.transcriptions.create, file=audio, model="whisper")


speech = Speech()


@app.post("/voice")
async def answer(audio: bytes):
    return await speech.heard(audio), await speech.heard_apart(audio)
