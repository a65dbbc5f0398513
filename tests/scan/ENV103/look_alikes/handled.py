import json
import os
import sys

from pydantic_settings import BaseSettings

NAME = str(os.environ["NAME"])
DEBUG = bool(os.getenv("DEBUG"))
TIMEOUT = float(os.getenv("TIMEOUT", "30"))
LIMITS = json.loads(os.environ.get("LIMITS") or "{}")
HOSTS = os.getenv("HOSTS", "").split(",")
USERS = os.environ["USERS"].split(",")


class Settings(BaseSettings):
    port: int


try:
    PORT = int(os.environ["PORT"])
except (KeyError, ValueError) as error:
    sys.exit(f"PORT: {error}")


def answer(text, settings):
    limit = os.getenv("LIMIT")
    number = int(limit) if limit else 5
    return int(text), json.loads(settings["LIMITS"]), len(os.environ["NAME"]), number
