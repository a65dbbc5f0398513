"""The model calls tools otherwise than it did on the laptop: the second half of the hazard MODEL."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.findings import Verdict, not_tested, passed
from roadworthy.hazards.model_output import hazard
from roadworthy.hazards.verdicts import (
    NO_MODEL_CALL,
    NOTHING_TO_BREAK,
    after_the_fault,
    broken_request,
    changed_answers,
    request_failed,
)
from roadworthy.hazards.words import listed
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.tool_calls import BROKEN, UNKNOWN, broken_arguments, two_calls, unknown_tool
from roadworthy.rehearsal.holds import Clarity, answers, handled
from roadworthy.rehearsal.observed import Baseline, Exchange, ModelCall, Observed
from roadworthy.rehearsal.scenario import BEFORE, Plan
from roadworthy.rehearsal.terms import Terms

NO_SUCH_TOOL, BROKEN_OFF = "a call of a tool that does not exist", "a tool call whose arguments break off"
TWO_AT_ONCE = "two tool calls in one message"
ENDED_NOTE = "the request ended there: told of the mistake, the model could have called the right tool"
AS_TEXT_NOTE = "results are sent as text, without the ids of their calls: whether both came cannot be told"
NOT_MET = "the model called no tool in this request"


def _where_tools_are_called(fault: Callable[[], Fault]) -> Callable[[Terms, Baseline], Plan]:
    def plan(_terms: Terms, baseline: Baseline) -> Plan:
        calls = [call for call in baseline.observed.model_calls if call.counted]
        if not calls:
            return not_tested(NO_MODEL_CALL)
        offering = [call for call in calls if call.tools]
        if not offering:
            return not_tested(f"{NOTHING_TO_BREAK}: the model is offered no tools")
        if fault is two_calls and not any(call.parallel for call in offering):
            return not_tested(f"{NOTHING_TO_BREAK}: the agent forbids parallel tool calls")
        return changed_answers(fault)

    return plan


def _seconds(_terms: Terms) -> float:
    """Two requests in a start that is shared, and the wait for late output."""
    return 0.3


@hazard.scenario(
    "MODEL307",
    NO_SUCH_TOOL,
    plan=_where_tools_are_called(unknown_tool),
    seconds=_seconds,
    fix="Give the model an error as that call's result, with the names of the tools that there are.",
)
def no_such_tool(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model calls a tool that was never offered: is it told so, or does the request end?

    Done: after a healthy request the model's first tool call has the name `no_such_tool`, once; then it goes on as
    usual. One request is sent.

    Must hold: it is answered, and a later call of the model holds a result for that call's id; or it ends in a clear
    error that names the tool or the model, which passes with a note. The process lives.

    Why: models make names up, mostly from those of similar tools, and find the right one when they are told.

    Mend: look the name up, and send the model an error as that call's result.

    Not tested: when the model is offered no tools, or calls none.
    """
    should = f"tell the model that there is no {UNKNOWN}, and go on; or give a clear error that names it"
    return _told_of_the_mistake(seen, NO_SUCH_TOOL, should)


@hazard.scenario(
    "MODEL308",
    BROKEN_OFF,
    plan=_where_tools_are_called(broken_arguments),
    seconds=_seconds,
    fix="Parse the arguments where a failure becomes that call's result, and tell the model what is wrong.",
)
def broken_off_arguments(seen: Observed, _baseline: Baseline) -> Verdict:
    """The arguments of a tool call are not JSON: is the model told so, or does the request end?

    Done: after a healthy request the arguments of the model's first tool call are `{"query": "abc`, once; then it
    goes on as usual. Where a provider sends arguments as an object they are empty. One request is sent.

    Must hold: it is answered, and a later call of the model holds a result for that call's id; or it ends in a clear
    error that names the tool, the model or what could not be read, which passes with a note. The process lives.

    Why: long arguments meet the length limit, and without a strict schema nothing guarantees their form.

    Mend: parse the arguments where a failure becomes that call's result, so that the model can try again.

    Not tested: when the model is offered no tools, or calls none.
    """
    should = f"tell the model that {BROKEN} is not JSON, and go on; or give a clear error that names the tool"
    return _told_of_the_mistake(seen, BROKEN_OFF, should)


@hazard.scenario(
    "MODEL309",
    TWO_AT_ONCE,
    plan=_where_tools_are_called(two_calls),
    seconds=_seconds,
    fix="Run every call of the message and send a result for each id; or forbid it: parallel_tool_calls: false.",
)
def two_at_once(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model makes two tool calls in one message: does each get its result?

    Done: after a healthy request the model's first message with a tool call holds a second one: of another tool, or
    of the same one where there is no other. One request is sent.

    Must hold: it is answered, and a later call of the model holds the results for both ids. The process lives. Of an
    agent that sends results as text of its own, without ids, an answer is enough.

    Why: providers allow several calls at once unless they are told not to, and refuse a conversation in which a call
    has no result.

    Mend: run every call of the message and send a result for each id; or forbid several at once.

    Not tested: when the model is offered no tools or calls none, or the agent sends `parallel_tool_calls: false`
    (Anthropic: `disable_parallel_tool_use`).
    """
    request = broken_request(seen, NOT_MET)
    if isinstance(request, Verdict):
        return request
    should = "answer, with a result for each of the two calls"
    is_answered = answers(request, seen.terms.deadline)
    missing = _without_result(seen, request) if _names_calls(seen) else {}
    clarity = Clarity(is_answered and not missing)
    if clarity:
        notes = () if _names_calls(seen) else (AS_TEXT_NOTE,)
        return after_the_fault(seen, TWO_AT_ONCE, should) or passed(*notes)
    why = "both calls were sound, so an error is not enough"
    if is_answered:
        why = f"the model never got the result of {listed(missing.values())}"
    return request_failed(seen, request, TWO_AT_ONCE, clarity, should, why=why)


def _told_of_the_mistake(seen: Observed, changed: str, should: str) -> Verdict:
    request = broken_request(seen, NOT_MET)
    if isinstance(request, Verdict):
        return request
    tools = {tool for call in _changed(seen, request) for tool in (*call.tool_calls.values(), *call.tools)}
    clarity = handled(request, seen.terms, "tool", "json", "model", names=tools)
    if not clarity:
        return request_failed(seen, request, changed, clarity, should)
    notes = clarity.notes
    if not answers(request, seen.terms.deadline):
        notes = (*notes, ENDED_NOTE)
    elif _names_calls(seen) and _without_result(seen, request):
        notes = (*notes, "the model was asked again, and never told of its mistake")
    return after_the_fault(seen, changed, should) or passed(*notes)


def _changed(seen: Observed, request: Exchange) -> list[ModelCall]:
    return [call for call in seen.calls_for(request) if call.fault is not None]


def _names_calls(seen: Observed) -> bool:
    """Whether the healthy request sent its results with the ids of their calls, or had none to send."""
    calls = [call for request in seen.labelled(BEFORE) for call in seen.calls_for(request)]
    return any(call.tool_results for call in calls) or not any(call.tool_calls for call in calls[:-1])


def _without_result(seen: Observed, request: Exchange) -> dict[str, str]:
    """The calls whose result no later call of the model holds, by id; a stored conversation has no canary."""
    results = {name for call in seen.model_calls if call.at >= request.due for name in call.tool_results}
    asked = {key: name for call in _changed(seen, request) for key, name in call.tool_calls.items()}
    return {key: name for key, name in asked.items() if key not in results}
