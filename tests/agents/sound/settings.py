"""What the agent is told from outside, checked once when it starts."""

import os
import shutil
import sys

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

problems = []


def required(name):
    value = os.environ.get(name, "")
    if not value:
        problems.append(f"{name} is not set")
    return value


def url(name, value):
    if value and not value.startswith(("http://", "https://")):
        problems.append(f"{name} is not a URL: {value!r}")
    return value.rstrip("/")


def whole_number(name, value):
    if not value.isdecimal():
        problems.append(f"{name} is not a whole number: {value!r}")
        return 0
    return int(value)


API_KEY = required("OPENAI_API_KEY")
CUSTOMERS_URL = url("CUSTOMERS_URL", required("CUSTOMERS_URL"))
BASE_URL = url("OPENAI_BASE_URL", os.environ.get("OPENAI_BASE_URL", "https://api.openai.com/v1"))
PORT = whole_number("PORT", os.environ.get("PORT", "8080"))
LOG_LEVEL = os.environ.get("LOG_LEVEL", "WARNING")
if LOG_LEVEL not in LEVELS:
    problems.append(f"LOG_LEVEL is none of {', '.join(LEVELS)}: {LOG_LEVEL!r}")
if shutil.which("rg") is None:
    problems.append("rg (ripgrep) is not installed")

if problems:
    sys.exit("cannot start: " + "; ".join(problems))
