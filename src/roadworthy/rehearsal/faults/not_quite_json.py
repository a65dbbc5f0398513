"""The model writes what looks like JSON and is none: a comma too many, or a Python dictionary."""

from __future__ import annotations

import json

from roadworthy.rehearsal.faults.fault import Fault, Question
from roadworthy.rehearsal.faults.json_answer import json_answer


def trailing_comma() -> Fault:
    """A comma before the last bracket."""

    def change(text: str, _question: Question) -> str | None:
        text = text.rstrip()
        return f"{text[:-1]},{text[-1]}" if json.loads(text) and text[-1] in "]}" else None

    return json_answer("the model puts a comma before the last bracket", change)


def single_quotes() -> Fault:
    """Single quotes around keys and texts, and Python's None, True and False."""

    def change(text: str, _question: Question) -> str | None:
        value = json.loads(text)
        return repr(value) if value and isinstance(value, dict | list) else None

    return json_answer("the model writes single quotes", change)
