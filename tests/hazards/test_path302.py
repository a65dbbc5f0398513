from tests.hazards.evidence import exchange, judged, observed, printed, stopped, trials

from roadworthy.findings import Outcome
from roadworthy.rehearsal.conditions import Without

KEY_ERROR = """
Traceback (most recent call last):
  File "/srv/app/agent.py", line 3, in <module>
    CACHE = os.environ["HOME"] + "/.cache"
KeyError: 'HOME'
"""


def test_the_agent_is_started_without_home():
    (trial,) = trials("PATH302")

    assert trial.conditions == (Without("HOME"),)


def test_an_agent_that_answers_passes():
    assert judged("PATH302", observed(exchange())).verdict == Outcome.PASS


def test_an_agent_that_warns_and_answers_is_not_accused():
    assert judged("PATH302", observed(exchange(), output=printed("HOME is not set, no cache"))).verdict == Outcome.PASS


def test_an_agent_that_needs_home_fails_with_the_line():
    verdict = judged("PATH302", observed(life=stopped(1), output=printed(KEY_ERROR)))

    assert verdict.title == "without HOME: the agent did not start"
    assert verdict.where is not None
    assert verdict.where.line == 3
