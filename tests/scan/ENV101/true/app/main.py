import os
from os import environ, getenv as env

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

NAME = "SEARCH_KEY"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="APP_")
    database: str  # FOUND
    region: str = Field("eu", validation_alias="CLOUD_REGION")  # FOUND


def answer(query):
    key = os.environ["API_KEY"]  # FOUND
    level = environ.get("LEVEL", "INFO")  # FOUND
    search = env(NAME)  # FOUND
    declared = os.getenv("DECLARED")
    again = os.environ["API_KEY"]
    return key, level, search, declared, again
