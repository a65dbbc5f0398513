import json
import logging

import litellm
from fastapi import FastAPI
from langchain_core.globals import set_debug
from openai import OpenAI

logger = logging.getLogger(__name__)
app = FastAPI()
client = OpenAI()
litellm.set_verbose = True  # FOUND
set_debug(True)  # FOUND


@app.post("/agent")
def answer(request, text: str):
    logger.info(f"asked {request.query}")  # FOUND
    user_message = text.strip()
    print(f"asked {user_message}")  # FOUND
    session = {"type": "session.update", "session": {"instructions": "You help.", "voice": "alloy"}}
    logger.info("sends %s", json.dumps(session))  # FOUND
    response = client.chat.completions.create(model="gpt-5.4-2026-03-05", messages=[])
    logger.info("said %s", response.choices[0].message.content)  # FOUND
    return response.choices[0].message.content or ""
