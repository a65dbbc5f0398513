"""The model behaves differently: a perfect answer on the laptop, another version in production."""

from __future__ import annotations

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NO_MODEL_CALL, NOTHING_TO_BREAK, after_the_fault, healthy_first
from roadworthy.hazards.wording import told
from roadworthy.rehearsal.faults.wrapped_in_prose import wrapped_in_prose
from roadworthy.rehearsal.holds import handled, met
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import BEFORE, DURING, Break, Mend, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

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
CHANGED = "JSON with words around it"


def where_json_is_asked_for(_terms: Terms, baseline: Baseline) -> Plan:
    """A healthy request, and one whose final answer is wrapped in prose."""
    calls = [call for call in baseline.observed.model_calls if call.counted]
    if not calls:
        return not_tested(NO_MODEL_CALL)
    asking = [call for call in calls if call.wants_json]
    if not asking:
        return not_tested(f"{NOTHING_TO_BREAK}: the model is not asked for JSON")
    if all(call.strict_schema for call in asking):
        return not_tested(f"{NOTHING_TO_BREAK}: the provider guarantees the JSON by a strict schema")
    return [Trial(steps=(Send(BEFORE), Break(wrapped_in_prose()), Send(DURING), Mend()))]


@hazard.scenario("MODEL302", CHANGED, plan=where_json_is_asked_for, quick=True)
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
    if (unhealthy := healthy_first(seen)) is not None:
        return unhealthy
    request = seen.labelled(DURING)[0]
    if not met(seen, request):
        return not_tested(f"{NOTHING_TO_BREAK}: no answer of this request was JSON that had been asked for")
    should = "answer all the same, or give a clear error that names the model's answer as its cause"
    clarity = handled(request, seen.terms, "json", "model")
    if clarity:
        return after_the_fault(seen, CHANGED, should) or passed(*clarity.notes)
    return failed(
        f"{CHANGED}: the request failed",
        seen=f"{told(seen, request)}; as an error it {clarity.why_not}",
        should=should,
        where=where(seen, since=request.due),
        output=excerpt(seen, around=request.ended, since=request.due),
    )
