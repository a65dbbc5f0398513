from tests.hazards.evidence import (
    exchange,
    judged,
    observed,
    printed,
    reason,
    running,
    stopped,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place
from roadworthy.manifest.model import Variable
from roadworthy.rehearsal.conditions import Without
from roadworthy.rehearsal.observed import Life
from roadworthy.rehearsal.scenario import Trial

NAME = "OPENAI_API_KEY"
TRIAL = Trial(conditions=(Without(NAME),), subject=NAME, may_not_start=True)
KEY_ERROR = f"""
Traceback (most recent call last):
  File "/srv/app/.venv/lib/python3.12/site-packages/starlette/routing.py", line 62, in wrapped_app
    await app(scope, receive, sender)
  File "/srv/app/app/agent.py", line 12, in answer
    client = OpenAI(api_key=os.environ["{NAME}"])
KeyError: '{NAME}'
"""


def test_each_required_variable_is_taken_away_in_a_start_of_its_own():
    env = {NAME: Variable(secret=True), "DATABASE_URL": Variable(), "LOG_LEVEL": Variable(default="INFO")}

    planned = trials("ENV302", terms(env=env))

    assert [trial.subject for trial in planned] == [NAME, "DATABASE_URL"]
    assert planned[0].conditions == (Without(NAME),)
    assert all(trial.may_not_start for trial in planned)


def test_without_an_env_section_it_is_not_tested():
    assert reason("ENV302", terms(env=None)) == "the manifest has no `env:` section"


def test_without_a_required_variable_it_is_not_tested():
    assert "no variable is required" in reason("ENV302", terms(env={"LOG_LEVEL": Variable(default="INFO")}))


def test_an_agent_that_is_ready_all_the_same_and_fails_on_the_first_request_fails():
    seen = observed(
        exchange(status=500, body="Internal Server Error", seconds=0.041),
        trial=TRIAL,
        output=printed(KEY_ERROR),
    )

    verdict = judged("ENV302", seen)

    assert verdict.verdict == Outcome.FAIL
    assert verdict.title == f"{NAME} taken away: the agent said it was ready and failed on the first request"
    assert verdict.seen == (
        f"POST /agent -> 500 after 41 ms: \"Internal Server Error\"; its output: KeyError: '{NAME}'"
    )
    assert verdict.should == ("exit with a status other than 0, or stay not ready, within 5 s and name the variable")
    assert verdict.where == Place("app/agent.py", 12, f'client = OpenAI(api_key=os.environ["{NAME}"])')
    assert verdict.output[-1] == f"KeyError: '{NAME}'"


def test_where_no_traceback_leads_into_the_project_the_place_that_names_the_variable_is_shown():
    place = Place("app/settings.py", 3, f'os.getenv("{NAME}")')

    verdict = judged("ENV302", observed(exchange(status=500), trial=TRIAL, mentions={NAME: place}))

    assert verdict.where == place


def test_an_agent_that_exits_and_names_the_variable_passes():
    seen = observed(trial=TRIAL, life=stopped(1), output=printed(f"not set: {NAME}"))

    assert judged("ENV302", seen).verdict == Outcome.PASS


def test_an_agent_that_exits_and_names_another_variable_fails():
    seen = observed(trial=TRIAL, life=stopped(1), output=printed(f"not set: MY_{NAME}"))

    verdict = judged("ENV302", seen)

    assert verdict.verdict == Outcome.FAIL
    assert verdict.title == f"{NAME} taken away: the agent does not say what is missing"
    assert "it exited with status 1 after 400 ms" in (verdict.seen or "")


def test_an_agent_that_exits_with_status_0_fails_also_when_it_names_the_variable():
    seen = observed(trial=TRIAL, life=stopped(0), output=printed(f"not set: {NAME}"))

    assert judged("ENV302", seen).title == f"{NAME} taken away: the agent stopped as if all was well"


def test_an_agent_that_stays_not_ready_and_names_it_in_its_health_body_passes():
    life = Life(pid=100, port_open=0.3, ready_path="/ready", health_body=f'{{"missing": ["{NAME}"]}}')

    assert judged("ENV302", observed(trial=TRIAL, life=life)).verdict == Outcome.PASS


def test_an_agent_that_stays_not_ready_and_does_not_say_why_fails():
    life = Life(pid=100, port_open=0.3, ready_path="/ready", health_body='{"status": "starting"}')

    verdict = judged("ENV302", observed(trial=TRIAL, life=life))

    assert verdict.verdict == Outcome.FAIL
    assert "/ready was not ready within 5 s" in (verdict.seen or "")


def test_an_agent_that_answers_all_the_same_passes_with_a_note():
    verdict = judged("ENV302", observed(exchange(), trial=TRIAL))

    assert verdict.verdict == Outcome.PASS
    assert "not required" in verdict.notes[0]


def test_an_agent_without_a_health_endpoint_that_opens_its_port_and_crashes_on_the_first_request_fails():
    life = running(ready_path=None, exited=1.05, exit_status=1)
    dropped = exchange(error="the connection closed without an answer")

    verdict = judged("ENV302", observed(dropped, trial=TRIAL, life=life, output=printed(KEY_ERROR)))

    assert verdict.title == f"{NAME} taken away: the agent opened its port and failed on the first request"


def test_an_agent_that_stops_by_itself_before_the_request_reaches_it_passes_when_it_names_the_variable():
    refused = exchange(error="the connection was refused", sent=False)
    life = running(ready_path=None, exited=0.9, exit_status=2)

    seen = observed(refused, trial=TRIAL, life=life, output=printed(f"error: {NAME} must be set"))

    assert judged("ENV302", seen).verdict == Outcome.PASS


def test_a_start_that_is_not_over_in_time_rests_on_time_and_an_exit_does_not():
    waiting = judged("ENV302", observed(trial=TRIAL, life=Life(pid=100)))
    stopped_silently = judged("ENV302", observed(trial=TRIAL, life=stopped(1)))

    assert [waiting.verdict, stopped_silently.verdict] == [Outcome.FAIL, Outcome.FAIL]
    assert [waiting.evidence["rests_on_time"], stopped_silently.evidence["rests_on_time"]] == [True, False]
