"""Which tools change something: told from annotations, name and description, by words that are data."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from roadworthy.rehearsal.world.model.conversation import Tool

JOINTS = frozenset({"and", "or", "then"})
LEADS = frozenset({"to", "that", "which", "will", "can"})
"""Before a verb: `to send`, `that sends`. `for` and `by` stand before nouns too, and count before `sending`."""
DENIALS = frozenset({"not", "never", "without", "no", "cannot", "nothing", "dont", "how"})
"""Two words before a verb: `does not delete`, `how to cancel`."""


def writing_word(tool: Tool) -> str | None:
    """The word by which the tool sends, pays, deletes, writes, runs or otherwise changes something; else None.

    `list_orders`, `get_payment_status` and `search_sent_mail` only look; `add(a: int, b: int)` computes.
    """
    if tool.annotations.get("readOnlyHint") is True:
        return None
    if tool.annotations.get("destructiveHint") is True:
        return "destructiveHint"
    if _is_arithmetic(tool):
        return None
    return _word(tool.name, tool.description)


def reads_only(tool: Tool) -> bool:
    """Whether its name begins with a word of looking: `search_orders`, `get_weather`."""
    return _split(tool.name)[:1] != [] and _split(tool.name)[0] in words("reads")


def _is_arithmetic(tool: Tool) -> bool:
    parts, arguments = _split(tool.name), tool.schema.get("properties")
    if len(parts) != 1 or parts[0] not in words("arithmetic") or not isinstance(arguments, Mapping):
        return False
    operands = [_operands(name, schema) for name, schema in arguments.items()]
    return 0 not in operands and sum(operands) >= 2


def _operands(name: str, schema: Any) -> int:
    """How many numbers to compute with an argument holds: one, a list of them (two or more), or none."""
    if not isinstance(schema, Mapping) or not words("operands").issuperset(_split(name)):
        return 0
    is_list = schema.get("type") == "array"
    of = schema.get("items") if is_list else schema
    is_number = isinstance(of, Mapping) and of.get("type") in ("integer", "number")
    return (2 if is_list else 1) if is_number else 0


@lru_cache(maxsize=1024)
def _word(name: str, description: str) -> str | None:
    parts = _split(name)
    joined = "_".join(parts)
    if any(joined == start or joined.startswith(f"{start}_") for start in words("harmless")):
        return None
    named = _in_name(parts)
    if named is not None or (parts and words("reads") & {parts[0], parts[-1]}):
        return named
    return _in_sentence(description)


def _in_name(parts: list[str]) -> str | None:
    if not parts:
        return None
    if parts[0] in words("reads"):
        changing = words("writes") | words("sometimes")
        return next((part for before, part in pairwise(parts) if before in JOINTS and part in changing), None)
    for part in parts:
        if part in words("writes"):
            return part
    looks = not (words("reads") | words("looks")).isdisjoint(parts)
    return parts[0] if parts[0] in words("sometimes") and not looks else None


def _in_sentence(description: str) -> str | None:
    sentence = re.split(r"[.!]\s|\n", description.strip(), maxsplit=1)[0]
    raw = _split(sentence)
    parts = [_bare(part) for part in raw]
    start = next((index for index, part in enumerate(parts) if part not in words("openings")), len(parts))
    verb = parts[start] if start < len(parts) else ""
    if verb in words("writes") | words("sometimes"):
        return verb
    before = JOINTS if verb in words("reads") else JOINTS | LEADS
    for index in range(start + 1, len(parts)):
        leads = parts[index - 1] in before or (parts[index - 1] in ("for", "by") and raw[index].endswith("ing"))
        denied = DENIALS & set(parts[max(0, index - 2) : index])
        if parts[index] in words("writes") and leads and not denied:
            return parts[index]
    return None


def _split(text: str) -> list[str]:
    """`sendMail`, `send-mail`, `mail.send`: words in lower case."""
    spaced = re.sub(r"([a-z0-9])([A-Z])|([A-Z]+)([A-Z][a-z])", r"\1\3 \2\4", text.replace("'", ""))
    return re.findall(r"[a-z]+", spaced.lower())


def _bare(word: str) -> str:
    """`sends`, `searches`, `executing` as the lists have them; a past form (`sent`, `deleted`) is no deed."""
    known = words("writes") | words("sometimes") | words("reads")
    forms = [word, word.removesuffix("s"), word.removesuffix("es")]
    forms += [f"{word[:-3]}y"] if word.endswith("ies") else []
    forms += [word[:-3], f"{word[:-3]}e", word[:-4]] if word.endswith("ing") else []
    return next((form for form in forms if form in known), word)


@cache
def words(kind: str) -> frozenset[str]:
    """One of the lists of data/tool-words.toml."""
    text = files("roadworthy").joinpath("data/tool-words.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[kind])
