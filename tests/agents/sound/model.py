"""One question to the model: time-outs, retries and what went wrong in plain words."""

import contextvars
import json
import random
import time
import urllib.error
import urllib.request

import settings
import tools

MODEL = "gpt-5.4-2026-03-05"
SECONDS = 2.5
ATTEMPTS = 4
BUSY = (429, 503)

has_gone = contextvars.ContextVar("has_gone", default=lambda: False)


class Failed(Exception):
    """The request cannot be answered; `status` and the text are what the caller gets."""

    def __init__(self, status, text, retry_after=None):
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


def ask(messages, deadline):
    """The model's next message, as long as somebody waits for it. Retries while the provider is busy."""
    if has_gone.get()():
        raise Failed(499, "the caller has gone")
    body = json.dumps({"model": MODEL, "messages": messages, "tools": tools.OFFERED}).encode()
    for attempt in range(ATTEMPTS):
        try:
            return read(post(body, deadline))
        except urllib.error.HTTPError as error:
            if error.code not in BUSY:
                raise Failed(502, f"the model provider answered {error.code}") from error
            wait = pause(error.headers.get("Retry-After"), attempt)
            if attempt == ATTEMPTS - 1 or time.monotonic() + wait > deadline - 1:
                raise Failed(503, f"the model provider is busy ({error.code})", round(wait) + 1) from error
            time.sleep(wait)
        except (TimeoutError, urllib.error.URLError) as error:
            if isinstance(getattr(error, "reason", error), TimeoutError):
                raise Failed(504, f"timed out: the model did not answer within {SECONDS} s") from error
            raise Failed(502, f"the model provider cannot be reached: {error}") from error


def post(body, deadline):
    request = urllib.request.Request(
        f"{settings.BASE_URL}/chat/completions",
        data=body,
        headers={"Authorization": f"Bearer {settings.API_KEY}", "Content-Type": "application/json"},
    )
    timeout = max(0.1, min(SECONDS, deadline - time.monotonic()))
    with urllib.request.urlopen(request, timeout=timeout, context=tools.TLS) as response:
        return response.read()


def pause(told, attempt):
    """Seconds to wait: as told, else twice as long each time; a little more, so that not all come at once."""
    asked = float(told) if told and told.isdecimal() else 0.5 * 2**attempt
    return asked + random.uniform(0.05, 0.3)


def read(answer):
    choice = json.loads(answer)["choices"][0]
    if choice["finish_reason"] == "length":
        raise Failed(502, "the model's answer was cut off at its length limit")
    return choice["message"]
