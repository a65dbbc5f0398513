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
from roadworthy.rehearsal.faults.cut_short import cut_short
from roadworthy.rehearsal.faults.fault import Fault
from roadworthy.rehearsal.faults.fenced import fenced
from roadworthy.rehearsal.faults.not_quite_json import single_quotes, trailing_comma
from roadworthy.rehearsal.faults.other_keys import extra_key, missing_key
from roadworthy.rehearsal.faults.says_nothing import REFUSAL, empty_content, no_content, refusal
from roadworthy.rehearsal.faults.wrapped_in_prose import wrapped_in_prose
from roadworthy.rehearsal.holds import (
    PROSE_NOTE,
    Clarity,
    answers,
    handled,
    names_cause,
    stated_error,
)
from roadworthy.rehearsal.observed import Baseline, Exchange, Observed
from roadworthy.rehearsal.scenario import Plan
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import holds_traceback

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
CUT, KEYS, NOTHING = "an answer cut at its length limit", "other keys in the JSON", "no content from the model"
CUT_NOTE = "the answer's beginning was returned as if it were all of it: nothing tells the caller that more is missing"


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


@hazard.scenario(
    "MODEL304",
    CUT,
    plan=_where_a_model_is_called(cut_short),
    seconds=_trials(1),
    fix="Look at the provider's sign (`finish_reason`, `stop_reason`, `status`) before you read the answer: ask for "
    "the rest, or answer 502 and say that the model's answer was cut.",
)
def cut_at_its_limit(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model's answer ends in the middle, because of its length: does anybody notice?

    Done: after a healthy request the final answer is cut at 60 % of its text, with the provider's own sign for it
    (`finish_reason: length`, `status: incomplete`, `stop_reason: max_tokens`), three times at most, so that an
    agent that asks for the rest gets it. One request is sent.

    Must hold: where JSON was asked for, it is answered, or ends in a clear error that names the model, the length
    or what could not be read. Where text was asked for, the cut text carries a mark that it is incomplete, or there
    is a clear error; cut text without a mark passes with a note. The process lives.

    Why: a longer question, a longer document or a lower limit is enough, and half of a JSON object cannot be read.

    Mend: look at the reason why the model stopped before reading what it said; raise the limit, ask for the
    rest, or answer 502 and say that the answer was cut off.

    Not tested: when the final answer is no text, as where a tool call carries it.
    """
    request = broken_request(seen, "the request got no text as its final answer")
    if isinstance(request, Verdict):
        return request
    wants_json = any(call.wants_json for call in seen.calls_for(request) if call.fault)
    should = "answer all the same, or give a clear error that says that the model's answer is not complete"
    clarity = handled(request, seen.terms, "cut", "json", "model")
    if clarity:
        return after_the_fault(seen, CUT, should) or passed(*clarity.notes)
    said = _said_well(request, seen)
    if said and not wants_json:
        marked = names_cause(request.text, "cut") or "…" in said or "..." in said
        return after_the_fault(seen, CUT, should) or passed(*(() if marked else (CUT_NOTE,)))
    return request_failed(seen, request, CUT, clarity, should)


@hazard.scenario("MODEL305", KEYS, plan=_where_json_is_asked_for(extra_key, missing_key), seconds=_trials(2))
def other_keys(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model's JSON has a key more, then lacks one: is it still read, or the failure clear?

    Done: twice, after a healthy request, the final answer is well-formed JSON with other keys: first with one more
    that nobody asked for; then without a required one, the one that holds the answer's text where that is required.

    Must hold: with one key more it is answered. With one key less it is answered, or ends in a clear error that names
    the model or what could not be read. The process lives.

    Why: without a strict schema keys are a habit of the model's, and no promise: an update adds one or renames one.

    Mend: ignore keys that you do not know; check those that you need, and answer 502 with a word on the cause where
    one is missing.

    Not tested: when the model is not asked for JSON, or the provider guarantees a strict schema.
    """
    request = broken_request(seen, "no answer of this request was a JSON object that had been asked for")
    if isinstance(request, Verdict):
        return request
    why = None
    if any(call.fault == extra_key().name for call in seen.calls_for(request)):
        changed, should = "one key more in the JSON", "answer all the same: a key that nobody needs does no harm"
        clarity = Clarity(answers(request, seen.terms.deadline))
        why = "a key that could be ignored is no reason to fail"
    else:
        changed = "a required key is missing in the JSON"
        should = "answer all the same, or give a clear error that names the model's answer as its cause"
        clarity = handled(request, seen.terms, "json", "model")
    if clarity:
        return after_the_fault(seen, changed, should) or passed(*clarity.notes)
    return request_failed(seen, request, changed, clarity, should, why=why)


@hazard.scenario(
    "MODEL306",
    NOTHING,
    plan=_where_a_model_is_called(no_content, empty_content, refusal),
    seconds=_trials(3),
    fix="Treat an empty answer as an error of the provider's: ask once more, else answer 502 and say so. Pass the "
    "text of a refusal on.",
)
def no_content_at_all(seen: Observed, _baseline: Baseline) -> Verdict:
    """The model says nothing, or refuses: is the caller told?

    Done: three times, after a healthy request, one final answer is nothing: its content is null, then empty, then a
    refusal where the provider has its place for that. A second try gets the usual answer. One request each.

    Must hold: there is a clear error, or an answer after a second try, or the refusal's own text. Never an empty
    answer, `None` or `null`. There is no traceback in the answer, and the process lives.

    Why: filters, refusals and models that only called tools give such turns, and SDKs type the content as optional.

    Mend: look at the refusal and at the content before using it; ask once more, or answer 502 and say that the model
    gave no answer.

    Not tested: when a tool call carries the final answer.
    """
    request = broken_request(seen, "the request got no text as its final answer")
    if isinstance(request, Verdict):
        return request
    changed = f"{NOTHING} ({seen.trial.subject})" if seen.trial.subject else NOTHING
    should = "ask once more, pass the refusal on, or give a clear error that says that the model gave no answer"
    said = _said_well(request, seen)
    clarity = Clarity(True) if REFUSAL in said else handled(request, seen.terms, "no_answer", "json", "model")
    if not clarity and said and names_cause(said, "no_answer"):
        clarity = Clarity(True, "prose", notes=(PROSE_NOTE,))
    if clarity:
        return after_the_fault(seen, changed, should) or passed(*clarity.notes)
    return request_failed(seen, request, changed, clarity, should)


def _said_well(request: Exchange, seen: Observed) -> str:
    """The text of a 2xx in time that reports no error, though it may lack the canary; else nothing."""
    is_good = (
        request.status is not None
        and 200 <= request.status < 300
        and request.shape_error is None
        and request.seconds is not None
        and request.seconds <= seen.terms.deadline
        and stated_error(request) is None
        and not holds_traceback(request.text)
    )
    return (request.answer or "").strip() if is_good else ""
