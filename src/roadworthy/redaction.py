"""Secrets, in every form in which they may appear in a text: finding them, and putting a mark in their place."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from urllib.parse import quote, quote_plus, unquote, urlsplit

REDACTED = "[redacted]"
SHORTEST_SECRET = 6
"""A secret shorter than this is not redacted: it would blacken ordinary words."""
LONGEST_WORD = 16
"""Letters alone and shorter than this may be a word (`changeme`, `development`)."""


def redactor(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that replaces every secret in a text, in each form that `forms` knows."""
    words = {form for secret in secrets for form in forms(secret) if len(form) >= SHORTEST_SECRET}
    if not words:
        return lambda text: text
    import re

    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
    return lambda text: pattern.sub(REDACTED, text)


def leaks_in(text: str, secrets: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the secrets whose value stands in a text, in any form that `forms` knows.

    Only those that `can_be_told`: an ordinary word stands in many a text, and is no leak there.
    """
    return tuple(
        name
        for name, secret in secrets.items()
        if can_be_told(secret) and any(form in text for form in _long_forms(secret))
    )


def can_be_told(secret: str) -> bool:
    """Whether a value is long enough, and no ordinary word, so that finding it shows a leak."""
    return len(secret) >= SHORTEST_SECRET and not (secret.isalpha() and len(secret) < LONGEST_WORD)


@cache
def _long_forms(secret: str) -> tuple[str, ...]:
    return tuple(form for form in forms(secret) if len(form) >= SHORTEST_SECRET)


def forms(secret: str) -> set[str]:
    """How a secret may appear in a text: as it is, in a URL, in JSON, as Python shows it, in base64.

    Also each line of one that has several (output is read line by line), and the password of a URL.
    """
    found: set[str] = set()
    for text in {secret, *(line.strip() for line in secret.splitlines()), *_passwords(secret)}:
        if len(text) < SHORTEST_SECRET:
            continue
        raw = text.encode("utf-8", "surrogateescape")
        found |= {text, quote(raw, safe=""), quote(raw), quote_plus(raw)}
        found |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]}
        found |= {encode(raw).decode().rstrip("=") for encode in (base64.b64encode, base64.urlsafe_b64encode)}
    return found


def _passwords(url: str) -> set[str]:
    """A URL's password, unless it is an ordinary word (`postgres`) that reports are full of."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return set()
    return set() if password.isalpha() else {password, unquote(password)}
