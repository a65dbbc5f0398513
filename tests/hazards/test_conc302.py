"""CONC302: the live endpoint under load."""

from __future__ import annotations

from tests.hazards.evidence import baseline, exchange, judged, observed, reason, running, terms, trials

from roadworthy.findings import Outcome
from roadworthy.hazards import scenario
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.observed import HealthProbe, Observed
from roadworthy.rehearsal.scenario import ProbeHealth, Send

WELL, SLOW, SILENT, ILL = (0.01, 200), (1.2, 200), (2.0, None), (0.01, 503)


def probed(*answers: tuple[float, int | None], begin: float = 2.0, noise: float = 0.0) -> Observed:
    crowd = [
        exchange(label, number=number, due=2.0, seconds=20)
        for label in ("together", "together again")
        for number in range(2, 6)
    ]
    return observed(
        exchange("before", number=1, due=1.0),
        *crowd,
        life=running(live_path="/health/live"),
        probes=[HealthProbe(begin + 0.2 * index, *answer, noise) for index, answer in enumerate(answers)],
        the=terms(budgets=Budgets(answer=30.0)),
    )


def test_the_live_endpoint_is_asked_while_the_crowds_are_answered_and_nothing_else_runs():
    (trial,) = trials("CONC302", base=baseline(life=running()))

    assert ProbeHealth(every=0.2) in trial.steps
    assert [step.count for step in trial.steps if isinstance(step, Send)] == [1, 20, 20]
    assert scenario("CONC302").quiet


def test_without_a_health_endpoint_it_names_the_rule_that_asks_for_one():
    assert "LIFE101" in reason("CONC302", base=baseline(life=running(ready_path=None)))


def test_one_at_a_time_never_comes_together():
    assert "concurrency" in reason("CONC302", terms(budgets=Budgets(concurrency=1)))


def test_three_in_a_row_that_are_late_or_fail_fail_and_rest_on_time():
    verdict = judged("CONC302", probed(WELL, SLOW, SILENT, ILL, WELL))

    assert verdict.title == "4 requests at once: the live endpoint did not answer"
    assert "3 times in a row" in (verdict.seen or "")
    assert verdict.evidence["rests_on_time"]


def test_what_this_machine_worked_for_others_does_not_count():
    assert judged("CONC302", probed(SLOW, SLOW, SLOW, noise=0.3)).verdict == Outcome.PASS
    assert judged("CONC302", probed(SLOW, SLOW, SLOW, noise=0.1)).verdict == Outcome.FAIL


def test_a_probe_that_was_given_up_is_no_failure_where_this_machine_had_no_time_for_it():
    assert judged("CONC302", probed(SILENT, SILENT, SILENT, noise=1.2)).verdict == Outcome.PASS
    assert judged("CONC302", probed(SILENT, SILENT, SILENT, noise=0.5)).verdict == Outcome.FAIL


def test_a_probe_that_is_refused_is_a_failure_on_a_noisy_machine_too():
    refused = (0.05, None)

    assert judged("CONC302", probed(refused, refused, refused, noise=0.05)).verdict == Outcome.FAIL


def test_two_in_a_row_are_not_accused():
    assert judged("CONC302", probed(SLOW, SLOW, WELL, ILL, SILENT, WELL)).verdict == Outcome.PASS


def test_what_failed_before_the_crowds_came_does_not_count():
    assert judged("CONC302", probed(ILL, ILL, ILL, WELL, WELL, WELL, begin=1.4)).verdict == Outcome.PASS


def test_too_few_questions_are_not_tested():
    assert judged("CONC302", probed(WELL, WELL)).verdict == Outcome.NOT_TESTED
