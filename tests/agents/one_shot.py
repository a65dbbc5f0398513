"""The sound agent as a command that answers once: the same modules, another front."""

from __future__ import annotations

from typing import Literal

from tests.agents.pairs import Edit

FRONT = '''"""Answers one question and exits: {usage}"""

import logging
import sys
import time

import settings

import agent
import model

SECONDS = 7


def main():
    logging.basicConfig(level=settings.LOG_LEVEL)
    query = {query}
    try:
        print(agent.answer(query, time.monotonic() + SECONDS))
    except model.Failed as error:
        sys.exit(f"cannot answer: {{error}}")


if __name__ == "__main__":
    main()
'''
SERVES = """
  command: [python, main.py]
  port: 8080
  health: {live: /health/live, ready: /health/ready}
"""
FROM = {
    "argument": FRONT.format(usage="python ask.py QUESTION", query="sys.argv[1]"),
    "stdin": FRONT.format(usage="python ask.py < QUESTION", query="sys.stdin.read()"),
}


def edits(source: Literal["argument", "stdin"]) -> tuple[Edit, ...]:
    """What makes the sound agent a command that takes its question from `source`."""
    return (
        Edit(file="ask.py", new=FROM[source]),
        Edit(file="roadworthy.yaml", old=SERVES, new=f"\n  command: [python, ask.py]\n  input: {source}\n"),
    )
