"""The model's JSON has one key more, or lacks one."""

from __future__ import annotations

import json

from roadworthy.rehearsal.canary import canaries_in
from roadworthy.rehearsal.faults.fault import Fault, Question
from roadworthy.rehearsal.faults.json_answer import json_answer

EXTRA = "confidence_note"
"""A key that models like to add and that nobody asked for."""


def extra_key() -> Fault:
    """One more key, after the others."""

    def change(text: str, _question: Question) -> str | None:
        value = json.loads(text)
        if not isinstance(value, dict) or EXTRA in value:
            return None
        return json.dumps({**value, EXTRA: "high"}, ensure_ascii=False)

    return json_answer("the model adds a key to its JSON", change)


def missing_key() -> Fault:
    """A required key is missing: the one that holds the answer's own text, else the first.

    Where a schema says which are required, of these; every key of an example in the prompt counts as required.
    """

    def change(text: str, question: Question) -> str | None:
        value = json.loads(text)
        if not isinstance(value, dict):
            return None
        required = [key for key in value if question.required_keys is None or key in question.required_keys]
        telling = [key for key in required if canaries_in(json.dumps(value[key]))]
        if not required:
            return None
        left_out = (telling or required)[0]
        return json.dumps({key: item for key, item in value.items() if key != left_out}, ensure_ascii=False)

    return json_answer("the model's JSON lacks a required key", change)
