from __future__ import annotations

from typing import Any

import pytest
from tests.hazards.evidence import (
    baseline,
    call,
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place, Verdict
from roadworthy.manifest.model import Service, Timeouts
from roadworthy.rehearsal.conditions import HoldableBinary
from roadworthy.rehearsal.observed import Baseline, Exchange, HeldUp, ModelCall, ServiceUse, Started
from roadworthy.rehearsal.scenario import Break, Trial
from roadworthy.rehearsal.terms import Terms

FOUND = "handbook/returns.md:3: an order can be returned within thirty days"
ADA = '{"name": "Ada Winters", "plan": "standard", "orders": [1007]}'


def declaring(tools: dict[str, float], **keys: Any) -> Terms:
    keys = {"binaries": {"rg": "*"}, "services": {"customers": Service(url="${CUSTOMERS_URL}")}, **keys}
    return terms(timeouts=Timeouts(model=4.0, grace=5.0, tools=tools), **keys)


TERMS = declaring({"search": 2.0, "customer": 3.0})


def start(at: float, name: str = "rg", folder: str = "/usr/bin") -> Started:
    return Started(at=at, path=f"{folder}/{name}", found=True)


def use(*asked: float, is_http: bool = True, port: int = 8091, **keys: Any) -> ServiceUse:
    keys = {"at": asked[0] if asked else 0.1, "service": "customers", "host": "localhost", **keys}
    return ServiceUse(port=port, asked=list(asked), is_http=is_http, **keys)


def calls(number: int, at: float, *, search: str = FOUND, customer: str = ADA) -> list[ModelCall]:
    """The model calls one tool, then the other, and then answers; it has both results at the end."""
    first, second = f"search_{number}", f"customer_{number}"
    return [
        call(number, at=at, tool_calls={first: "search"}),
        call(number, at=at + 0.2, tool_calls={second: "customer"}, tool_results={first: search}),
        call(number, at=at + 0.4, tool_results={first: search, second: customer}),
    ]


def laptop(**keys: Any) -> Baseline:
    """Two requests of half a second, at 1 s and at 2 s: a search after 0.1 s, the customer after 0.3 s."""
    requests = [exchange("baseline", number=100 + number, due=1.0 + number, seconds=0.5) for number in range(2)]
    keys = {
        "started": [start(1.1), start(2.1)],
        "services": [use(1.3), use(2.3)],
        "model_calls": [*calls(100, 1.0), *calls(101, 2.0)],
        **keys,
    }
    return baseline(*requests, **keys)


BASE = laptop()


def delays(the: Terms = TERMS, base: Baseline = BASE) -> dict[str, float]:
    """By how much each tool is slow."""
    found = {}
    for trial in trials("TIME303", the, base):
        slow = next(step.fault for step in trial.steps if isinstance(step, Break))
        _, found[trial.subject] = slow.program or slow.late or ("", 0.0)
    return found


def test_each_tool_is_slow_by_half_of_the_time_out_of_the_tool_behind_it():
    assert delays() == {"rg": 1.0, "customers": 1.5}


def test_a_time_out_under_its_own_name_goes_before_that_of_the_tool():
    assert delays(declaring({"search": 2.0, "rg": 1.0, "customers": 4.0})) == {"rg": 0.5, "customers": 2.0}


def test_without_a_time_out_a_tool_is_slow_by_a_fifth_of_the_deadline():
    assert delays(declaring({})) == {"rg": 2.0, "customers": 2.0}


def test_a_tool_that_may_take_longer_than_the_request_leaves_time_to_answer():
    assert delays(declaring({"search": 60.0}))["rg"] == 6.0


def test_what_is_used_several_times_in_a_request_is_slow_each_time_by_its_part():
    base = laptop(started=[start(1.1), start(1.12), start(2.1), start(2.12)])

    assert delays(base=base)["rg"] == 0.5


def test_the_shim_is_bound_where_the_agent_found_the_program_and_not_where_a_version_manager_did():
    base = laptop(started=[start(1.1, folder="/home/dev/shims"), start(1.11, folder="/home/dev/installs/13")])

    trial, _ = trials("TIME303", TERMS, base)

    assert trial.conditions == (HoldableBinary("rg", "/home/dev/shims/rg"),)
    assert delays(base=base)["rg"] == 1.0


def test_what_the_agent_itself_runs_on_is_not_held_up():
    base = laptop()
    base.runs_on = frozenset({"rg"})

    assert list(delays(base=base)) == ["customers"]


def test_a_tool_that_is_slow_is_then_endless():
    program, service = trials("TIME303", TERMS, BASE)

    endless = [[step.fault for step in trial.steps if isinstance(step, Break)][1] for trial in (program, service)]
    assert endless[0].program == ("rg", float("inf"))
    assert endless[1].service == ("customers", "silent")


@pytest.mark.parametrize(
    "services",
    [[], [use(0.5)], [use(1.3, is_http=False)], [use(1.3, service=None)], [use(1.3, service="mail.example.com")]],
    ids=["not used", "at start alone", "a database", "nobody's port", "an undeclared host"],
)
def test_a_service_that_is_no_tool_over_http_has_no_trial(services: list[ServiceUse]):
    assert list(delays(base=laptop(services=services))) == ["rg"]


def test_a_service_behind_tls_is_known_by_its_port():
    assert list(delays(base=laptop(services=[use(1.3, is_http=False, port=443)]))) == ["rg", "customers"]


def test_tools_inside_the_process_are_not_tested():
    assert reason("TIME303", TERMS, laptop(started=[start(0.5)], services=[])).startswith("nothing to break")


SLOW, ENDLESS = "rg takes 1 s longer", "rg never ends"
BREAKS = [(1.9, SLOW), (4.0, ""), (4.5, ENDLESS), (12.0, "")]
WAITED = exchange("slow", number=2, due=2.0, seconds=1.5)
GAVE_UP = exchange(number=3, due=5.0, seconds=2.1)
WELL_AGAIN = exchange("after", number=4, due=12.5)
LET_GO = [HeldUp(at=2.1, pid=1, ended=3.1), HeldUp(at=5.1, pid=2, ended=7.1)]
PROGRAM = Trial((HoldableBinary("rg", "/usr/bin/rg"),), subject="rg")


def verdict_of(
    slow: Exchange = WAITED, endless: Exchange = GAVE_UP, after: Exchange = WELL_AGAIN, **keys: Any
) -> Verdict:
    keys = {"held_up": LET_GO, "breaks": BREAKS, "trial": PROGRAM, **keys}
    return judged(
        "TIME303", observed(exchange("before", number=9, due=0.5), slow, endless, after, the=TERMS, **keys), BASE
    )


def test_an_agent_that_waits_and_then_gives_up_and_kills_passes():
    told = [*calls(2, 2.0), *calls(3, 5.0, search="error: the tool search failed: timed out")]

    assert verdict_of(model_calls=told).verdict == Outcome.PASS


def test_an_error_that_names_the_time_out_passes():
    timed_out = exchange(number=3, due=5.0, seconds=2.1, status=504, body={"error": "the search timed out"})

    assert verdict_of(endless=timed_out).verdict == Outcome.PASS


def test_a_slow_tool_that_ends_the_request_fails():
    place = Place("tools.py", 3, 'subprocess.run(["rg"')
    failing = exchange("slow", number=2, due=2.0, seconds=0.6, status=504, body={"error": "search timed out"})

    verdict = verdict_of(slow=failing, mentions={"rg": place})

    assert verdict.title == "the program rg takes 1 s longer: the request failed"
    assert "timeouts.tools declares 2 s" in (verdict.should or "")
    assert verdict.where == place
    assert verdict.evidence["rests_on_time"]


@pytest.mark.parametrize("said", ["error: timed out", "nothing found", ""])
def test_a_slow_tool_that_is_given_up_fails_though_the_agent_answers(said: str):
    verdict = verdict_of(model_calls=calls(2, 2.0, search=said))

    assert verdict.title == "the program rg takes 1 s longer: the agent answered, but gave the tool up"
    assert f'the tool search told the model "{said}"' in (verdict.seen or "")


def test_a_slow_tool_that_finds_the_same_in_another_order_passes():
    again = "an order can be returned within thirty days: handbook/returns.md:3"

    assert verdict_of(model_calls=calls(2, 2.0, search=again)).verdict == Outcome.PASS


def test_no_answer_by_the_deadline_fails_and_rests_on_time():
    late = exchange(number=3, due=5.0, error="no complete answer within 12 s", seconds=12.0)

    verdict = verdict_of(endless=late)

    assert verdict.title == "the program rg never ends: no answer within 10 s"
    assert verdict.evidence["rests_on_time"]
    assert "killpg" in (verdict.fix or "")


def test_an_internal_error_in_time_fails():
    oops = exchange(number=3, due=5.0, seconds=2.1, status=500, body={"error": "internal error"})

    verdict = verdict_of(endless=oops)

    assert verdict.title == "the program rg never ends: the request failed"
    assert "does not name its cause" in (verdict.seen or "")


@pytest.mark.parametrize(("ended", "verdict"), [(None, Outcome.FAIL), (12.2, Outcome.FAIL), (12.0, Outcome.PASS)])
def test_a_process_that_runs_on_fails(ended: float | None, verdict: Outcome):
    assert verdict_of(held_up=[LET_GO[0], HeldUp(at=5.1, pid=2, ended=ended)]).verdict == verdict


def test_processes_that_run_on_are_counted():
    verdict = verdict_of(held_up=[LET_GO[0], HeldUp(at=5.1, pid=2), HeldUp(at=6.2, pid=3)])

    assert verdict.title == "the program rg never ends: 2 of its processes still ran 5 s after the request"
    assert (verdict.seen or "").startswith("POST /agent -> 200 after 2.1 s")


def test_a_wait_that_the_slow_request_left_behind_is_not_counted():
    assert verdict_of(held_up=[HeldUp(at=2.1, pid=1), LET_GO[1]]).verdict == Outcome.PASS


def test_an_agent_that_does_not_come_back_fails():
    stuck = exchange("after", number=4, due=12.5, error="no complete answer within 12 s", seconds=12.0)

    verdict = verdict_of(after=stuck)

    assert verdict.title == "the program rg never ends: the agent did not recover"
    assert (verdict.seen or "").startswith("10 s after the program rg was well again")


def test_a_process_that_ends_fails():
    verdict = verdict_of(endless=exchange(number=3, due=5.0, error="reset"), life=running(exited=7.0, exit_status=-9))

    assert verdict.verdict == Outcome.FAIL


@pytest.mark.parametrize("held", [[], LET_GO[:1], LET_GO[1:]], ids=["neither", "not endless", "not slow"])
def test_a_request_that_did_not_start_the_program_is_nothing_tested(held: list[HeldUp]):
    assert (verdict_of(held_up=held).reason or "").startswith("nothing to break")


def test_an_unhealthy_agent_is_not_tested():
    seen = observed(
        exchange("before", status=500), WAITED, GAVE_UP, the=TERMS, trial=PROGRAM, held_up=LET_GO, breaks=BREAKS
    )

    assert judged("TIME303", seen, BASE).verdict == Outcome.NOT_TESTED


POOLED = use(0.6, 2.3, 5.3, at=0.6, fault="customers accepts and never answers", met=5.3, ended=8.3)


def service_verdict(*uses: ServiceUse, **keys: Any) -> Verdict:
    names = ("customers answers 1.5 s later", "", "customers accepts and never answers", "")
    breaks = [(at, name) for (at, _), name in zip(BREAKS, names, strict=True)]
    return verdict_of(services=list(uses), breaks=breaks, held_up=[], trial=Trial(subject="customers"), **keys)


def test_a_connection_that_is_closed_when_it_is_given_up_passes():
    assert service_verdict(POOLED).verdict == Outcome.PASS


def test_a_connection_that_stays_open_fails():
    place = Place("tools.py", 9, 'get(f"http://localhost:8091/customers/{id}")')
    left = use(0.6, 2.3, 5.3, at=0.6, fault=POOLED.fault, met=5.3)

    verdict = service_verdict(left, mentions={"localhost:8091": place})

    assert verdict.title == (
        "the service customers accepts and never answers: its connection was still open 5 s after the request"
    )
    assert verdict.where == place
    assert "give the client itself a time-out" in (verdict.fix or "")


def test_an_idle_connection_of_the_pool_need_not_be_closed():
    idle = use(0.6, at=0.6, fault=POOLED.fault)

    assert service_verdict(POOLED, idle).verdict == Outcome.PASS


def test_a_service_that_is_never_given_up_gets_its_own_advice():
    late = exchange(number=3, due=5.0, error="no complete answer within 12 s", seconds=12.0)

    verdict = service_verdict(use(2.3, 5.3, fault=POOLED.fault, met=5.3), endless=late)

    assert (verdict.fix or "").startswith("give the client of customers a time-out")


def test_a_failure_names_where_it_was_raised():
    trace = """\
Traceback (most recent call last):
  File "/srv/app/tools.py", line 31, in search
    found = subprocess.run(command, timeout=2)
subprocess.TimeoutExpired: Command timed out"""
    oops = exchange(number=3, due=5.0, seconds=2.1, status=500, body={"error": "internal error"})

    verdict = verdict_of(endless=oops, output=printed(trace, at=7.0))

    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("tools.py", 31)
