"""The `agent` of a draft: the start that is taken, its port, what else there is, and what nothing told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from roadworthy.init.guess import Draft, Guess
from roadworthy.init.protocols import PROTOCOLS
from roadworthy.init.requests import ask
from roadworthy.init.starts import Start
from roadworthy.init.writing import flow

if TYPE_CHECKING:
    from roadworthy.init.sights import Sights

EXAMPLE = Guess(["Hello, what can you do?"], "an input that your agent answers well: requests are made from it")
MOST_OTHERS = 4
"""Further starts that are told."""
NOTHING = (
    "Nothing was found that a request can ask. Write how the agent is started, as an HTTP service:",
    "`command: [python, main.py]`; as a function: `entry: app.py:agent`; or as a command that answers once:",
    "`command: [python, ask.py]` with `input: argument`.",
)


def fill_in_agent(draft: Draft, starts: list[Start], sights: Sights) -> None:
    """Fill in the draft's `agent` from the likeliest of the starts, which is the first."""
    agent = draft.agent
    if not starts or starts[0].asked == "not":
        draft.is_known = False
        draft.remarks += [*[each.remark for each in starts if each.remark][:4], *NOTHING]
        agent["command"] = Guess(list(starts[0].command) if starts else ["python", "main.py"], "fill in")
        agent["examples"] = EXAMPLE
        return
    taken = starts[0]
    draft.remarks += [*_others(taken, starts[1:]), *([taken.remark] if taken.remark else [])]
    if taken.entry is not None:
        agent["entry"] = Guess(taken.entry, str(taken.seen))
    else:
        agent["command"] = Guess(list(taken.command), str(taken.seen))
    if taken.asked in ("argument", "stdin"):
        agent["input"] = Guess(taken.asked, str(taken.seen))
    elif taken.entry is None:
        port, comment = _port(taken, draft.env)
        agent["port"] = Guess(port, comment)
        if taken.asked in PROTOCOLS:
            agent |= PROTOCOLS[taken.asked](taken)
        else:
            ask(draft, taken, sights)
    if taken.workdir is not None and taken.workdir != "/":
        agent["workdir"] = Guess(taken.workdir, f"{taken.seen.path}: WORKDIR")
    agent["examples"] = EXAMPLE


def _others(taken: Start, starts: list[Start]) -> Iterator[str]:
    others = {each.written: each for each in reversed(starts) if each.asked != "not" and each.written != taken.written}
    if others:
        yield "It may also be started so:"
    for each in list(reversed(others.values()))[:MOST_OTHERS]:
        how = f"entry: {flow(each.entry)}" if each.entry is not None else f"command: {flow(each.command)}"
        yield f"  {how}  # {each.seen}"


def _port(taken: Start, env: Mapping[str, Guess]) -> tuple[int, str]:
    port = taken.port
    if port is None:
        return 8080, f"not seen in {taken.seen}: the port that it listens on"
    variable = env.get(port.variable or "")
    default = variable.value.get("default", "") if variable is not None else ""
    where = f"{port.seen or taken.seen}"
    if port.number is None and str(default).isdecimal() and 0 < int(default) < 65536:
        return int(default), f"{where}: the default of {port.variable}"
    if port.number is None and port.usual is not None and variable is None:
        return port.usual, f"{where}: its server's usual one"
    if port.number is None:
        return 8080, f"{where}: the value that {port.variable} has here"
    return port.number, where + (f": the default of {port.variable}" if variable is not None else "")
