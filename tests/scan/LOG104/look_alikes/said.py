import logging
import os

import litellm
import requests
from fastapi import FastAPI
from langchain_core.globals import set_debug

logger = logging.getLogger(__name__)
app = FastAPI()
litellm.set_verbose = False
if os.environ.get("DEBUG"):
    set_debug(True)


@app.post("/agent")
def answer(request, state):
    logger.info(f"asked by {request.user_id}")
    session = {"type": "session.update", "voice": "alloy"}
    logger.info("sends %s", session)
    response = requests.post(state.url, timeout=10)
    logger.warning("no file: %s", response.content)
    token_data = response.json()
    if not token_data.get("access_token"):
        logger.error("no token: %s", token_data)
    return {}


def test_key(key_secret):
    print(key_secret)
