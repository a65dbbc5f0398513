"""Evidence by hand: what the engine would have seen, in as few words as a test needs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from roadworthy.findings import Verdict
from roadworthy.hazards import scenario
from roadworthy.manifest.model import Agent, Budgets, Manifest, Timeouts
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.observed import Baseline, Exchange, Life, ModelCall, Observed, OutputLine
from roadworthy.rehearsal.scenario import Scenario, Trial
from roadworthy.rehearsal.terms import Terms

PROJECT = "/srv/app"


def manifest(agent: Agent | None = None, **keys: Any) -> Manifest:
    """A manifest of an HTTP agent with budgets ready 5 s, answer 10 s, model 4 s, grace 5 s."""
    keys = {
        "budgets": Budgets(ready=5.0, answer=10.0),
        "timeouts": Timeouts(model=4.0, grace=5.0),
        **keys,
    }
    agent = agent or Agent(command=("python", "main.py"))
    return Manifest(root=Path("/home/dev/agent"), agents={"agent": agent}, **keys)


def terms(agent: Agent | None = None, **keys: Any) -> Terms:
    return Terms.of(manifest(agent, **keys))


def canary(number: int) -> str:
    return f"rw{number:012x}"


def exchange(
    label: str = "during",
    *,
    number: int = 1,
    status: int | None = 200,
    says: str | None = None,
    body: object = None,
    seconds: float = 0.1,
    due: float = 1.0,
    headers: Mapping[str, str] | None = None,
    sent_headers: Mapping[str, str] | None = None,
    error: str | None = None,
    shape_error: str | None = None,
    sent: bool = True,
) -> Exchange:
    """One request; it answers well by default. `says` is the answer, `{own}` its canary; `body` JSON or text."""
    own = canary(number)
    answer = None
    if body is None:
        answer = "It is on its way, {own}." if says is None else says
        answer = answer.replace("{own}", own)
        body = {"output": answer}
    elif status is not None and 200 <= status < 300 and shape_error is None:
        if isinstance(body, Mapping) and "output" in body:
            answer = str(body["output"])
        else:
            shape_error = "the answer has nothing at $.output"
    raw = body if isinstance(body, str) else json.dumps(body)
    return Exchange(
        label=label,
        canary=own,
        due=due,
        sent=due if sent else None,
        ended=due + seconds,
        status=None if error else status,
        headers=headers or {},
        body=b"" if error else raw.encode(),
        answer=None if error else answer,
        shape_error=None if error else shape_error,
        error=error,
        sent_headers=sent_headers or {},
    )


def call(number: int = 1, *, at: float = 1.0, fault: str | None = None, **keys: Any) -> ModelCall:
    """One model call that carries the canary of request `number`."""
    return ModelCall(
        at=at,
        provider="openai",
        host="api.openai.com",
        path="/v1/chat/completions",
        canaries=(canary(number),),
        fault=fault,
        **{"ended": at + 0.05, "status": 200, **keys},
    )


def running(**keys: Any) -> Life:
    """A process that got ready after 0.5 s and never ended."""
    return Life(**{"pid": 100, "port_open": 0.5, "ready": 0.5, "ready_path": "/health", **keys})


def stopped(status: int = 1, *, at: float = 0.4) -> Life:
    """A process that ended before it was ready."""
    return Life(pid=100, exited=at, exit_status=status)


def printed(text: str, *, at: float = 1.0, stream: str = "stderr") -> list[OutputLine]:
    """Output lines, a millisecond apart."""
    return [OutputLine(at + index / 1000, stream, line) for index, line in enumerate(text.strip("\n").split("\n"))]


def observed(*exchanges: Exchange, the: Terms | None = None, trial: Trial | None = None, **keys: Any) -> Observed:
    """What was seen in one trial; the agent runs and printed nothing, if nothing else is said."""
    return Observed(
        trial=trial or Trial(),
        terms=the or terms(),
        exchanges=list(exchanges),
        project=PROJECT,
        **{"life": running(), **keys},
    )


def baseline(*exchanges: Exchange, calls_per_request: float = 2.0, peak_memory: int = 0, **keys: Any) -> Baseline:
    """What the laptop showed; five good requests, if nothing else is said."""
    exchanges = exchanges or tuple(exchange("baseline", number=100 + index) for index in range(5))
    keys = {"enforced": frozenset(Feature), **keys}
    return Baseline(observed(*exchanges, **keys), 0.1, calls_per_request, peak_memory)


def judged(code: str, seen: Observed, base: Baseline | None = None) -> Verdict:
    """The verdict of one scenario's judge."""
    return scenario(code).judge(seen, base or baseline())


def trials(code: str, the: Terms | None = None, base: Baseline | None = None) -> list[Trial]:
    """The trials of one scenario; fails where there is nothing to test."""
    plan = _planned(scenario(code), the, base)
    assert isinstance(plan, list), plan
    return plan


def reason(code: str, the: Terms | None = None, base: Baseline | None = None) -> str:
    """Why one scenario has nothing to test; fails where it has."""
    plan = _planned(scenario(code), the, base)
    assert isinstance(plan, Verdict), plan
    assert plan.reason is not None
    return plan.reason


def _planned(found: Scenario, the: Terms | None, base: Baseline | None) -> Any:
    return found.plan(the or terms(), base or baseline())
