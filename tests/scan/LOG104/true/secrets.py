import json
import logging
import os

logger = logging.getLogger(__name__)


def answer(query, settings, messages, password):
    logger.info("using %s", os.environ["OPENAI_API_KEY"])  # FOUND
    logger.debug(f"key={settings.api_key}")  # FOUND
    logging.warning("login with " + "%s" % password)
    logging.error("refused: %s", password)  # FOUND
    logger.info("asking", extra={"auth": settings.access_token})  # FOUND
    logger.info("sending %s", messages)  # FOUND


def told(user_message, reset_token):
    logger.info(f"asked: {user_message}")  # FOUND
    logger.info("reset with %s", reset_token)  # FOUND


def dumped(messages):
    logger.info("asking with %s", json.dumps(messages))  # FOUND


@bot.tree.command(name="chat")
async def chat(interaction, *, message: str):
    logger.info(f"{interaction.user}: /chat [{message}]")  # FOUND
