"""OpenAI's embeddings, its list of models, and the traces that its agents SDK sends."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from array import array
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec

from roadworthy.rehearsal.world.model.openai_rules import known, missing, not_empty, read_as
from roadworthy.rehearsal.world.model.wire import Asked, invalid, tokens_in

DIMENSIONS = {"text-embedding-3-large": 3072}
USUAL_DIMENSIONS = 1536
MOST_INPUTS = 2048
"""Texts in one request, as the API reference says."""
MOST_TOKENS = 8192
"""Tokens of one text, as the API reference says."""


class _Body(msgspec.Struct):
    model: str
    input: str | list[Any]
    dimensions: Annotated[int, msgspec.Meta(ge=1)] | None = None
    encoding_format: Literal["float", "base64"] | None = None
    user: str | None = None


def embeddings(request: Asked) -> bytes:
    """`POST /v1/embeddings`: texts that share words have vectors that lie close together."""
    if not request.lenient:
        known(request.body, "openai_embeddings")
    asked = read_as(request.body, _Body)
    if not asked.model:
        raise missing("model")
    texts = _texts(asked.input)
    size = asked.dimensions or DIMENSIONS.get(asked.model, USUAL_DIMENSIONS)
    tokens = [max(1, tokens_in(text)) for text in texts]
    if max(tokens) > MOST_TOKENS:
        raise invalid(
            f"Invalid 'input': maximum context length is {MOST_TOKENS} tokens, however you requested "
            f"{max(tokens)} tokens. Please reduce your input.",
            param="input",
        )
    return msgspec.json.encode(
        {
            "object": "list",
            "data": [
                {
                    "object": "embedding",
                    "index": index,
                    "embedding": _encoded(vector(text, size), asked.encoding_format),
                }
                for index, text in enumerate(texts)
            ],
            "model": asked.model,
            "usage": {"prompt_tokens": sum(tokens), "total_tokens": sum(tokens)},
        }
    )


def _texts(given: str | list[Any]) -> list[str]:
    """The texts to embed; tokens in place of a text are taken as words."""
    if isinstance(given, str):
        if not given:
            raise invalid("Invalid 'input': input cannot be an empty string.", param="input")
        return [given]
    not_empty(given, "input")
    if all(isinstance(item, int) for item in given):
        return [" ".join(map(str, given))]
    if len(given) > MOST_INPUTS:
        raise invalid(f"Invalid 'input': at most {MOST_INPUTS} texts at once.", param="input")
    texts = []
    for index, item in enumerate(given):
        if isinstance(item, list) and item and all(isinstance(token, int) for token in item):
            texts.append(" ".join(map(str, item)))
        elif isinstance(item, str) and item:
            texts.append(item)
        else:
            raise invalid(f"Invalid 'input[{index}]': expected a text or tokens, not empty.", param="input")
    return texts


@lru_cache(maxsize=256)
def vector(text: str, size: int) -> array[float]:
    """A unit vector: each word adds a one at two places that its hash names."""
    made = array("f", bytes(4 * size))
    for word in re.findall(r"\w+", text.lower()) or [text]:
        places = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=8).digest()
        made[int.from_bytes(places[:4]) % size] += 1.0
        made[int.from_bytes(places[4:]) % size] += 1.0
    length = math.sqrt(sum(value * value for value in made))
    return array("f", (value / length for value in made))


def _encoded(values: array[float], encoding: str | None) -> str | list[float]:
    return base64.b64encode(values.tobytes()).decode() if encoding == "base64" else values.tolist()


def models(request: Asked) -> bytes:
    """`GET /v1/models`: those that were asked for."""
    return msgspec.json.encode({"object": "list", "data": [_described(name) for name in request.ledger.models]})


def model(request: Asked) -> bytes:
    """`GET /v1/models/NAME`: any name is one."""
    return msgspec.json.encode(_described(request.name))


def _described(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 1735689600, "owned_by": "system"}


def traces(_request: Asked) -> bytes:
    """`POST /v1/traces/ingest`: taken, and thrown away."""
    return b"{}"
