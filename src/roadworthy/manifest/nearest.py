"""From a wrong word to the right one: the nearest valid key, or the section that the key belongs to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from roadworthy.manifest.keys import keys_of, sections_below
from roadworthy.manifest.mistakes import quoted
from roadworthy.manifest.model import Manifest

LONGEST_WORD = 60
"""difflib takes quadratic time; no key is as long."""
NEIGHBOURS = {
    "environment": "env",
    "environment_variables": "env",
    "variables": "env",
    "vars": "env",
    "secrets": "env",
    "dependencies": "services",
    "databases": "services",
    "programs": "binaries",
    "executables": "binaries",
    "packages": "binaries",
    "model": "models",
    "timeout": "timeouts",
    "time_limits": "timeouts",
    "limits": "resources",
    "quotas": "rate_limits",
    "objectives": "budgets",
    "slo": "budgets",
    "lint": "scan",
    "extend_select": "select",
    "extend_ignore": "ignore",
    "extend_exclude": "exclude",
    "waive": "accept",
    "ignore": "accept",
    "mock": "simulate",
    "cmd": "command",
    "run": "command",
    "script": "command",
    "entrypoint": "entry",
    "entry_point": "entry",
    "callable": "entry",
    "address": "url",
    "uri": "url",
    "cwd": "workdir",
    "working_directory": "workdir",
    "response": "answer",
    "output": "answer",
    "streaming": "stream",
    "liveness": "live",
    "readiness": "ready",
    "startup": "ready",
    "body": "json",
    "regex": "pattern",
    "enum": "choices",
    "options": "choices",
    "optional": "required",
    "min": "minimum",
    "max": "maximum",
    "mem": "memory",
    "ram": "memory",
    "cpus": "cpu",
    "cores": "cpu",
    "disk": "tmp",
    "latency": "answer",
    "parallel": "concurrency",
    "max_steps": "steps",
    "shutdown": "grace",
    "connections": "pool",
    "hostname": "host",
}
"""Words of other tools and files, and what they are called here. Used where the right one is a valid key."""


def mends_for_key(key: str, valid: Iterable[str], *, elsewhere: bool = True) -> tuple[str, ...]:
    """What may be meant by an unknown key, or else which keys there are.

    `elsewhere`: it may be a key of another section of the manifest.
    """
    valid = tuple(valid)
    folded = _folded(key)
    known = {_folded(name): right for name, right in NEIGHBOURS.items() if right in valid}
    known |= {_folded(name): name for name in valid}
    sections = sections_below(Manifest) if elsewhere else ()
    homes = [path for path, section in sections if key in {k.name for k in keys_of(section)}]
    if folded in known or not homes:
        close = difflib.get_close_matches(folded, known, n=1)
        if close:
            return (f"did you mean {quoted(known[close[0]])}?",)
    if homes:
        places = [f"below {path}" if path else "at the top level" for path in homes]
        return (f"{quoted(key)} belongs {' or '.join(places)}",)
    return (f"the keys here are: {', '.join(valid)}",)


def mends_for_choice(text: str, choices: Iterable[str]) -> tuple[str, ...]:
    """The nearest of `choices`, where one is near."""
    folded = {_folded(choice): choice for choice in choices}
    close = difflib.get_close_matches(_folded(text), folded, n=1)
    return tuple(f"did you mean {quoted(folded[name])}?" for name in close)


def _folded(word: str) -> str:
    return word[:LONGEST_WORD].lower().replace("-", "").replace("_", "").replace(" ", "")
