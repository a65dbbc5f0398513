import os

from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    model_key: str


class Base(BaseSettings):
    pass


class Further(Base):
    other_key: str


REQUIRED = ["SEARCH_KEY", "SEARCH_URL"]


def check():
    missing = [name for name in REQUIRED if not os.environ.get(name)]
    if missing:
        raise SystemExit(f"missing: {', '.join(missing)}")


settings = Settings()
check()
if "MAIL_TOKEN" not in os.environ:
    raise SystemExit("MAIL_TOKEN is missing")
