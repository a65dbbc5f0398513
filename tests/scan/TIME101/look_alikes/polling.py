import asyncio
import time

import requests
from openai import OpenAI

client = OpenAI(timeout=30)


def answer(thread, assistant):
    run = client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant)
    while run.status in ("queued", "in_progress"):
        time.sleep(0.5)
        run = client.beta.threads.runs.retrieve(thread_id=thread, run_id=run.id)
    return client.beta.threads.messages.list(thread_id=thread)


def report(identity):
    deadline = time.monotonic() + 60
    while True:
        told = requests.get(f"https://reports.example.com/{identity}", timeout=10).json()
        if told["status"] == "exported":
            return told
        if time.monotonic() > deadline:
            raise TimeoutError(identity)
        time.sleep(5)


async def film(operations, operation):
    async with asyncio.timeout(60):
        while not operation.done:
            await asyncio.sleep(5)
            operation = await operations.get(operation)


def watched(worker):
    while worker.state != "stopped":
        worker.turn()
        time.sleep(1)


def counted(identity):
    for _ in range(20):
        if requests.get(f"https://reports.example.com/{identity}", timeout=10).json()["status"] == "exported":
            break
        time.sleep(5)
