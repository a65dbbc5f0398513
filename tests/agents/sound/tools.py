"""The tools that the model may call."""

import json
import ssl
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import settings

HANDBOOK = Path(__file__).parent / "handbook"
SECONDS = 2
LARGEST_RESULT = 16 * 1024
TLS = ssl.create_default_context()


def search(query):
    """The handbook's lines that hold the words; what rg prints beyond the largest result is never read."""
    command = ["rg", "--ignore-case", "--fixed-strings", "--", query, str(HANDBOOK)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        watch = threading.Timer(SECONDS, process.kill)
        watch.start()
        found = process.stdout.read(LARGEST_RESULT)
        watch.cancel()
        process.kill()
    return found.decode("utf-8", "replace") or "nothing found"


def customer(id):
    """What the customer service knows of one customer."""
    address = f"{settings.CUSTOMERS_URL}/customers/{urllib.parse.quote(id, safe='')}"
    try:
        with urllib.request.urlopen(address, timeout=SECONDS, context=TLS) as response:
            return response.read(LARGEST_RESULT).decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return f"the customer service answered {error.code}"


TOOLS = {"search": search, "customer": customer}

OFFERED = [
    {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": {parameter: {"type": "string"}},
                "required": [parameter],
                "additionalProperties": False,
            },
        },
    }
    for name, description, parameter in (
        ("search", "Searches the handbook for words.", "query"),
        ("customer", "Looks a customer up, with the numbers of their orders.", "id"),
    )
]


def run(name, arguments):
    """What the tool says, or why it could not: the model is told either way. Never raises."""
    tool = TOOLS.get(name)
    if tool is None:
        return f"error: there is no tool {name!r}"
    try:
        return tool(**json.loads(arguments))
    except (OSError, ValueError, TypeError) as error:
        return f"error: the tool {name} failed: {error}"
