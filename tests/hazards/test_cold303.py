from tests.hazards.evidence import exchange, judged, observed, stopped, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Budgets
from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.scenario import Send


def fresh(first: float, warm: float = 0.1, **keys: object) -> Observed:
    later = [exchange("warm", number=number, seconds=warm, due=5.0 + number) for number in range(2, 7)]
    return observed(exchange(seconds=first), *later, **keys)


def test_five_requests_follow_the_first_one_by_one():
    assert trials("COLD303")[0].steps == (Send("during"), *(Send("warm") for _ in range(5)))


def test_a_first_answer_that_is_a_second_slower_passes():
    assert judged("COLD303", fresh(1.1)).verdict == Outcome.PASS


def test_an_agent_that_is_always_slow_is_not_accused():
    assert judged("COLD303", fresh(6.0, warm=5.0)).verdict == Outcome.PASS


def test_a_first_answer_that_is_three_seconds_slower_fails():
    verdict = judged("COLD303", fresh(3.1))

    assert verdict.title == "freshly started: the first answer took 3.0 s longer than the next ones"
    assert verdict.seen == "the first took 3.1 s; the median of the next 5 is 100 ms"
    assert verdict.evidence["rests_on_time"]


def test_our_own_drivers_lateness_is_not_the_agents():
    seen = fresh(3.1)
    seen.exchanges[0].driver_late = 1.5

    assert judged("COLD303", seen).verdict == Outcome.PASS


def test_the_declared_budget_counts():
    seen = fresh(3.1, the=terms(budgets=Budgets(answer=10.0, first_answer=4.0)))

    assert judged("COLD303", seen).verdict == Outcome.PASS


def test_one_slow_request_among_the_next_does_not_move_the_median():
    seen = fresh(3.1)
    seen.exchanges[3].ended = seen.exchanges[3].due + 4.0

    assert judged("COLD303", seen).verdict == Outcome.FAIL


def test_an_agent_that_does_not_start_fails():
    assert judged("COLD303", observed(life=stopped())).title == "freshly started: the agent did not start"
