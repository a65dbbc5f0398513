"""The model behaves differently: a perfect answer on the laptop, another version in production."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.findings import Verdict, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import (
    NO_MODEL_CALL,
    NOTHING_TO_BREAK,
    after_the_fault,
    broken_request,
    changed_answers,
    request_failed,
)
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.fenced import fenced
from roadworthy.rehearsal.faults.not_quite_json import single_quotes, trailing_comma
from roadworthy.rehearsal.faults.wrapped_in_prose import wrapped_in_prose
from roadworthy.rehearsal.holds import handled
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import Plan
from roadworthy.rehearsal.terms import Terms

hazard = Hazard(
    "MODEL",
    "The model behaves differently",
    cause="The parser takes what one model said on one day: pure JSON, complete, with every key. Another version, a "
    "longer input or a busy hour gives something else.",
    fix="Ask for a strict schema where the provider has one; else read tolerantly, and treat what cannot be read "
    "as an error of the provider's.",
    before="""\
answer = json.loads(message.content)["answer"]
""",
    after="""\
def read(text):
    start = text.find("{")
    try:
        found, _ = json.JSONDecoder().raw_decode(text, start)
        return found["answer"]
    except (ValueError, KeyError) as error:
        raise BadGateway("the model's answer is not the JSON that it was asked for") from error
""",
)
FENCED, IN_PROSE, ALMOST = "JSON in a fence", "JSON with words around it", "almost JSON"


def _trials(number: int) -> Callable[[Terms], float]:
    """Seconds for so many trials in a start that is shared: two requests each, and the wait for late output."""
    return lambda _terms: 0.3 * number


def _where_json_is_asked_for(*faults: Callable[[], Fault]) -> Callable[[Terms, Baseline], Plan]:
    """For each fault: a healthy request, and one whose final answer is changed."""

    def plan(_terms: Terms, baseline: Baseline) -> Plan:
        calls = [call for call in baseline.observed.model_calls if call.counted]
        if not calls:
            return not_tested(NO_MODEL_CALL)
        asking = [call for call in calls if call.wants_json]
        if not asking:
            return not_tested(f"{NOTHING_TO_BREAK}: the model is not asked for JSON")
        if all(call.strict_schema for call in asking):
            return not_tested(f"{NOTHING_TO_BREAK}: the provider guarantees the JSON by a strict schema")
        return changed_answers(*faults)

    return plan


def _where_a_model_is_called(*faults: Callable[[], Fault]) -> Callable[[Terms, Baseline], Plan]:
    def plan(_terms: Terms, baseline: Baseline) -> Plan:
        if not any(call.counted for call in baseline.observed.model_calls):
            return not_tested(NO_MODEL_CALL)
        return changed_answers(*faults)

    return plan


def _still_read(seen: Observed, changed: str) -> Verdict:
    """The judge of every change after which the answer may still be read: handled, and alive."""
    request = broken_request(seen, "no answer of this request was JSON that had been asked for")
    if isinstance(request, Verdict):
        return request
    should = "answer all the same, or give a clear error that names the model's answer as its cause"
    clarity = handled(request, seen.terms, "json", "model")
    if clarity:
        return after_the_fault(seen, changed, should) or passed(*clarity.notes)
    return request_failed(seen, request, changed, clarity, should)


@hazard.scenario("MODEL301", FENCED, plan=_where_json_is_asked_for(fenced), seconds=_trials(1))
def json_in_a_fence(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model puts its JSON between ```` ```json ```` and ```` ``` ````: is it still read, or the failure clear?

    Done: after a healthy request the model's final answer is the same JSON in a Markdown fence, wherever JSON was
    asked for without a schema that the provider guarantees. One request is sent.

    Must hold: it is answered, or ends in a clear error that names the model or what could not be read. There is
    no traceback in the answer, and the process lives.

    Why: it is the most frequent deviation of all: most JSON that models were trained on stood in a fence.

    Mend: ask for a strict schema where the provider has one. Else take the fence off before parsing, or look for
    the JSON inside the text.

    Not tested: when the model is not asked for JSON, or the provider guarantees a strict schema.
    """
    return _still_read(seen, FENCED)


@hazard.scenario("MODEL302", IN_PROSE, plan=_where_json_is_asked_for(wrapped_in_prose), quick=True, seconds=_trials(1))
def json_in_prose(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model puts a friendly sentence before and after its JSON: is it still read, or the failure clear?

    Done: after a healthy request the model's final answer is the same JSON with a sentence before and one after it,
    wherever JSON was asked for without a schema that the provider guarantees. One request is sent.

    Must hold: it is answered, or ends in a clear error that names the model or what could not be read. There is
    no traceback in the answer, and the process lives.

    Why: models do this after an update, for a longer question, or in another language, and a bare `json.loads`
    fails each time.

    Mend: ask for a strict schema where the provider has one. Else look for the JSON inside the text, ask once more
    when there is none, and answer 502 with a word on the cause when that fails too.

    Not tested: when the model is not asked for JSON, or the provider guarantees a strict schema.
    """
    return _still_read(seen, IN_PROSE)


@hazard.scenario("MODEL303", ALMOST, plan=_where_json_is_asked_for(trailing_comma, single_quotes), seconds=_trials(2))
def almost_json(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model writes almost JSON: is it still read, or the failure clear?

    Done: twice, after a healthy request, the model's final answer is the same object in a form that JSON does not
    allow: with a comma before the last bracket, then with single quotes as Python prints them.

    Must hold: each is answered, or ends in a clear error that names the model or what could not be read. There is
    no traceback in the answer, and the process lives.

    Why: models learned JSON from JavaScript and Python too, and smaller ones mix the three.

    Mend: ask for a strict schema where the provider has one. Else treat what cannot be read as an error of the
    provider's: ask once more, then answer 502 with a word on the cause. Reading it all the same is not required.

    Not tested: when the model is not asked for JSON, or the provider guarantees a strict schema.
    """
    return _still_read(seen, f"{ALMOST} ({seen.trial.subject})" if seen.trial.subject else ALMOST)
