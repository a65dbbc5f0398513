"""Anthropic's prompt cache: how much of a request is written to it, and how much was there from an earlier one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.wire import CHARACTERS_A_TOKEN, Body

LEAST = 1024
"""Tokens that a cached beginning has at least, as the documentation says for most models."""
FILE_TOKENS = 1500
"""The share of a picture or a document, roughly; its bytes are not counted."""


@dataclass(frozen=True, slots=True)
class Cached:
    """Tokens of the input that were read from the cache, and that were written to it for later requests."""

    read: int = 0
    written: int = 0


NOTHING = Cached()


@dataclass(frozen=True, slots=True)
class _Beginning:
    """Marks a beginning that is in the cache; it stays there for the whole trial."""


def cached(body: Body, ledger: Ledger) -> Cached:
    """The share of the cache in this request: up to its last `cache_control`, and the longest beginning known.

    A beginning that is kept for an hour is counted as the others are.
    """
    blocks = list(_blocks(body))
    if not body.get("cache_control") and not any(block.get("cache_control") for _, block in blocks):
        return NOTHING
    beginnings = list(_beginnings(body, blocks))
    last = max(index for index, (_, _, is_marked) in enumerate(beginnings) if is_marked)
    until = beginnings[: last + 1]
    known = (tokens for name, tokens, _ in reversed(until) if ledger.stored(name, _Beginning))
    read = next(known, 0)
    for name, tokens, is_marked in until:
        if is_marked and tokens >= LEAST:
            ledger.store(name, _Beginning(), len(name))
    written = until[-1][1] - read
    return Cached(read, written if until[-1][1] >= LEAST else 0)


def _beginnings(body: Body, blocks: list[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, int, bool]]:
    """Each beginning of the prompt that ends with a block: a name for it, its tokens, and whether it is marked."""
    so_far = hashlib.blake2b(str(body.get("model")).encode(), digest_size=16)
    tokens = 0
    for index, (kind, block) in enumerate(blocks):
        bare = msgspec.json.encode({name: value for name, value in block.items() if name != "cache_control"})
        so_far.update(kind.encode() + bare)
        tokens += FILE_TOKENS if "source" in block else len(bare) // CHARACTERS_A_TOKEN
        is_last = index == len(blocks) - 1
        is_marked = bool(block.get("cache_control")) or (is_last and bool(body.get("cache_control")))
        yield f"beginning {so_far.hexdigest()}", tokens, is_marked


def _blocks(body: Body) -> Iterator[tuple[str, dict[str, Any]]]:
    """All blocks in the order in which the model reads them: tools, system, messages."""
    for tool in body.get("tools") or ():
        yield "tool", tool
    yield from _parts("system", body.get("system"))
    for message in body.get("messages") or ():
        yield from _parts(message["role"], message["content"])


def _parts(kind: str, content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(content, str):
        yield kind, {"type": "text", "text": content}
        return
    for block in content or ():
        yield kind, block
