"""The process's life: it ends with Ctrl-C on the laptop, and with SIGTERM in the middle of a request in production."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import ENDS_BY_ITSELF, NO_MODEL_CALL, NOTHING_TO_BREAK, healthy_first
from roadworthy.hazards.wording import exit_words, told
from roadworthy.hazards.words import span
from roadworthy.rehearsal.conditions import AsPid1
from roadworthy.rehearsal.faults.held import held
from roadworthy.rehearsal.holds import answers, met, says_come_back, says_goodbye
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import BEFORE, DURING, Break, Pause, Plan, Send, Terminate, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "LIFE",
    "The process's life",
    cause="Each deployment, each scale-down and each move to another machine ends the process with SIGTERM. Process 1 "
    "of a container ignores it unless it has a handler; others lose what is under way.",
    fix="Handle SIGTERM: take no new requests, finish those under way, exit. In a start script use `exec`.",
    before="""\
#!/bin/sh
python main.py          # the shell is process 1 and passes no signal on
""",
    after="""\
#!/bin/sh
exec python main.py     # and main.py:

signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
server.serve_forever()
server.server_close()   # waits for the requests under way
""",
)

HELD = 2.0
"""Seconds that the model takes for the request under way: longer than a process needs to notice the signal."""
GOOD_ENDS = (0, 143, -15)
"""Done; ended by SIGTERM, as a shell says it and as the kernel does."""


def ended_at_work(terms: Terms, baseline: Baseline) -> Plan:
    """A request under way, and SIGTERM a quarter into its model call."""
    if terms.is_entry:
        return not_tested("provided by the server: an `entry:` agent's process is its host's")
    if terms.is_one_shot:
        return not_tested(ENDS_BY_ITSELF)
    if baseline.calls_per_request == 0:
        return not_tested(NO_MODEL_CALL)
    seconds = min(HELD, terms.deadline / 2, terms.grace / 2, terms.model_timeout / 2)
    steps = (
        Send(BEFORE),
        Break(held(seconds)),
        Send(DURING, wait=False),
        Pause(seconds / 4),
        Terminate(within=terms.grace),
    )
    return [Trial(conditions=(AsPid1(),), steps=steps)]


@hazard.scenario(
    "LIFE301",
    "SIGTERM during a request, as process 1",
    plan=ended_at_work,
    needs=AsPid1.needs,
    quick=True,
    fresh=True,
    seconds=lambda _terms: 4.0,
)
def ended_during_a_request(seen: Observed, _baseline: Baseline) -> Verdict:
    """A deployment ends the process while a request is under way: is the request lost, and does the process end?

    Done: the agent is process 1, as in a container without an init. The model takes 2 s for a request (less where the
    deadline, the grace period or the model's time-out is below 4 s), and a quarter into it the agent gets SIGTERM.

    Must hold: the request is answered, or gets a clear 503. The process exits within `timeouts.grace`, with status
    0, 143, or by SIGTERM itself.

    Why: what has not ended by then is killed, with all requests under way. Each deployment loses them once more.

    Mend: handle SIGTERM: stop accepting, finish what is under way, exit. Start the agent with `exec` in a script, so
    that it gets the signal. Servers such as uvicorn and gunicorn do this where they are process 1.

    Not tested: for `entry:` agents, whose process is their host's; when the agent makes no model call.
    """
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request, life, grace = seen.labelled(DURING)[0], seen.life, seen.terms.grace
    if life.terminated is None or not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no request was under way when SIGTERM came")
    should = f"finish the request or give it a clear 503, and exit within {grace:g} s with status 0, 143 or SIGTERM"
    took = None if life.exited is None else life.exited - life.terminated
    problems = []
    if took is None or took > grace:
        problems.append((f"still running {grace:g} s after it", "it did not exit"))
    elif life.exit_status not in GOOD_ENDS:
        problems.append((f"{exit_words(life.exit_status)} after {span(took)}", "it exited with an error"))
    if not _ended_well(request, seen):
        problems.insert(0, (told(seen, request), "the request under way was lost"))
    if not problems:
        return passed(exited_after=took, status=request.status)
    return failed(
        f"SIGTERM during a request: {' and '.join(title for _, title in problems)}",
        seen="; ".join(what for what, _ in problems),
        should=should,
        where=where(seen, since=request.due),
        output=excerpt(seen, since=request.due),
        rests_on_time=took is not None and took > grace and len(problems) == 1,
    )


def _ended_well(request: Exchange, seen: Observed) -> bool:
    if answers(request, seen.terms.deadline):
        return True
    return request.status == 503 and (says_come_back(request) or says_goodbye(request))
