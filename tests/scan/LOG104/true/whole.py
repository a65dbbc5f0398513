import logging
import os

from fastapi import FastAPI, Request
from openai import OpenAI

logger = logging.getLogger(__name__)
app = FastAPI()
client = OpenAI()
config = {}


@app.post("/agent")
async def answer(request: Request, llm, settings):
    logger.info(f"headers: {request.headers}")  # FOUND
    logger.info("headers: %s", dict(request.headers))  # FOUND
    payload = await request.json()
    logger.info(f"received {payload}")  # FOUND
    logger.info("settings: %s", settings.model_dump())  # FOUND
    client.api_key = settings.api_key
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    logger.info("answer: %s", response)  # FOUND
    said = await llm.ainvoke(payload["text"])
    logger.info("said %s", said.content)  # FOUND
    return said


async def called(tool, tool_args):
    logger.info("%s is asked with %s", tool.name, tool_args)  # FOUND
    return await tool.ainvoke(tool_args)


def started():
    logger.info("starting with %s", dict(os.environ))  # FOUND
    logger.info("config: %s", config)  # FOUND
    return config["api_key"]


def node(state):
    logger.info(f"state: {state}")  # FOUND
    last = state["messages"][-1]
    routing_prompt = f"Where should this go? {last}"
    logger.info("asking %s", routing_prompt)  # FOUND
    return {"next": last}


def login(auth):
    token = auth[len("Bearer ") :]
    logger.info("bearer: %s", token)  # FOUND
    password = "hunter22"
    logger.warning("refused: %s", password)  # FOUND
    client_secret, refresh_token_value = auth.split()
    logger.info("%s", client_secret)  # FOUND
    logger.info("%s", refresh_token_value)  # FOUND


@app.post("/invite")
async def invite(event: dict, email_body: str):
    logger.info("mail: %s", email_body)  # FOUND
    print(event["headers"])  # FOUND
