"""The project that docs/testing.md shows, file by file."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"
BESIDE = {"prompt.txt": "You help customers.\n", "kb/refunds.md": "A refund is possible for 30 days.\n"}
"""What the agent reads, and the page does not show."""


def files() -> dict[str, str]:
    """Each block that begins with a file's name, by that name."""
    blocks = re.findall(r"```\w+\n# (\S+\.(?:py|yaml))\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return {**dict(blocks), **BESIDE}


BROKEN = {
    "no time-out": ('timeout=float(os.environ["TOOL_TIMEOUT"]), ', ""),
    "a missing program is not handled": ("except FileNotFoundError as error", "except ZeroDivisionError as error"),
    "an undeclared variable is read": ("HERE / ", 'Path(os.environ["ONLY_ON_THE_LAPTOP"]) / '),
    "a relative path": ('(HERE / "prompt.txt")', 'Path("prompt.txt")'),
    "429 is not tried again": ("max_retries=2", "max_retries=0"),
}
"""What breaks the agent: a text of agent.py, and what stands in its place."""
FAILS = {
    "no time-out": "test_a_model_that_does_not_answer",
    "a missing program is not handled": "test_a_missing_tool",
    "an undeclared variable is read": "test_a_rate_limit",
    "a relative path": "test_a_rate_limit",
    "429 is not tried again": "test_a_rate_limit",
}
"""The test that has to notice."""


def broken(how: str) -> str:
    """The agent, broken in this way."""
    old, new = BROKEN[how]
    text = files()["agent.py"]
    assert old in text, f"agent.py of {PAGE.name} has no {old!r} any more"
    return text.replace(old, new)
