"""Reads the JSON object out of what a model wrote."""

import ast
import json
import re

LONGEST = 100_000  # characters: no answer of ours is longer


class NotAnAnswer(ValueError):
    """The model's text holds no answer; the message says why."""


def answer_in(text: str) -> str:
    """The text under "answer". Models put fences and prose around it, and commas where none belong."""
    if len(text) > LONGEST:
        raise NotAnAnswer(f"the model wrote more than {LONGEST} characters")
    found = False
    for value in objects_in(text):
        found = True
        if isinstance(value.get("answer"), str) and value["answer"].strip():
            return value["answer"]
    raise NotAnAnswer('the model\'s JSON has no "answer"' if found else "the model's answer is not JSON")


def objects_in(text: str):
    """Every JSON object that starts somewhere in the text; then, with its slips mended, the widest one."""
    decoder = json.JSONDecoder()
    place = text.find("{")
    while place >= 0:
        try:
            value, end = decoder.raw_decode(text, place)
            yield value
        except (ValueError, RecursionError):
            end = place + 1
        place = text.find("{", end)
    widest = text[text.find("{") : text.rfind("}") + 1]
    for read in (lambda t: json.loads(re.sub(r",(?=\s*[}\]])", "", t)), ast.literal_eval):
        try:
            value = read(widest)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict):
            yield value
