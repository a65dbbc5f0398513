"""What the agent is told from outside. Everything is read and checked once, when it starts."""

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

HERE = Path(__file__).resolve().parent

MODEL = "gpt-5.4-2026-03-05"
MODEL_TIMEOUT = 3.0  # seconds for one call
TOOL_TIMEOUT = 2.0
REQUEST_TIMEOUT = 9.5  # our callers wait 10 s: they get an answer before they give up
GRACE = 9  # seconds to finish what is running after SIGTERM; then we would be killed
MOST_REQUESTS = 64  # at once; more are sent away, so that these keep their memory and their time


class BadSettings(Exception):
    """One line for each setting that is missing or wrong."""


@dataclass(frozen=True)
class Settings:
    openai_api_key: str = field(repr=False)
    customers_url: str
    port: int
    log_level: str
    prompt: str = field(repr=False)
    knowledge: Path = HERE / "kb"


def load(environ=os.environ) -> Settings:
    """Raises BadSettings, with everything that has to be mended and not only the first."""
    problems = []

    def read(name, is_valid, should, default=None):
        value = environ.get(name, default)
        if value is None:
            problems.append(f"{name} is not set: it should be {should}")
        elif not is_valid(value):
            problems.append(f"{name} is malformed: it should be {should}")
        return value or ""

    key = read("OPENAI_API_KEY", lambda v: re.fullmatch(r"sk-[!-~]+", v), "a key that starts with sk-")
    customers = read("CUSTOMERS_URL", is_http_url, "the customer API's http(s) URL")
    port = read("PORT", lambda v: v.isdecimal() and 0 < int(v) < 65_536, "a port number", "8080")
    levels = ("DEBUG", "INFO", "WARNING", "ERROR")
    log_level = read("LOG_LEVEL", lambda v: v in levels, f"one of {', '.join(levels)}", "INFO")
    if shutil.which("rg") is None:
        problems.append("rg is not on PATH: install ripgrep")
    if problems:
        raise BadSettings("\n".join(problems))
    return Settings(
        openai_api_key=key,
        customers_url=customers.rstrip("/"),
        port=int(port),
        log_level=log_level,
        prompt=(HERE / "prompt.txt").read_text(encoding="utf-8"),
    )


def is_http_url(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
