import json
import os
import sys

from pydantic_settings import BaseSettings

NAME = str(os.environ["NAME"])
DEBUG = bool(os.getenv("DEBUG"))


class Settings(BaseSettings):
    port: int


try:
    PORT = int(os.environ["PORT"])
except (KeyError, ValueError) as error:
    sys.exit(f"PORT: {error}")


def answer(text, settings):
    return int(text), json.loads(settings["LIMITS"]), len(os.environ["NAME"])
