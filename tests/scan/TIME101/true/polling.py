import asyncio
import time

import requests
from openai import OpenAI

client = OpenAI(timeout=30)


def answer(thread, assistant):
    run = client.beta.threads.runs.create(thread_id=thread, assistant_id=assistant)
    while run.status != "completed":  # FOUND
        time.sleep(0.5)
        run = client.beta.threads.runs.retrieve(thread_id=thread, run_id=run.id)
    return client.beta.threads.messages.list(thread_id=thread)


def report(identity):
    while True:  # FOUND
        told = requests.get(f"https://reports.example.com/{identity}", timeout=10).json()
        if told["status"] == "exported":
            break
        time.sleep(5)


async def film(operations, operation):
    while True:  # FOUND
        if operation.done:
            return operation
        await asyncio.sleep(5)
        operation = await asyncio.to_thread(operations.get, operation)
