import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor, wait

from fastapi import FastAPI
from openai import OpenAI

logger = logging.getLogger(__name__)
client = OpenAI()
app = FastAPI()


def tokens(text, service):
    try:
        count = client.responses.create(input=text).usage.input_tokens
    except Exception:  # FOUND
        count = len(text) / 4
    return count


def mails(found, parse):
    for mail in found:
        try:
            yield parse(mail)
        except Exception:  # FOUND
            logger.info(f"failed on {mail}")


def invite(calendar, event):
    try:
        calendar.events().insert(body=event).execute()
        return True
    except Exception as error:  # FOUND
        logger.info(f"no invitation: {error}")
        return False


def translated(service, text):
    try:
        return service.translate(text)
    except service.HTTPError as error:  # FOUND
        if error.code == 50035:
            return "too long"


def all_of(experts, ask):
    with ThreadPoolExecutor() as pool:
        work = [pool.submit(ask, each) for each in experts]
        wait(work)  # FOUND


def later(text):
    def work():
        client.responses.create(input=text)

    with ThreadPoolExecutor() as pool:
        pool.submit(work)  # FOUND


@app.post("/all")
async def answer_all(tasks):
    await asyncio.gather(*tasks, return_exceptions=True)  # FOUND
