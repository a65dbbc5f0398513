import pytest
from tests.hazards.evidence import exchange, judged, observed, printed, reason, running, stopped, terms, trials

from roadworthy.findings import Outcome, Place
from roadworthy.manifest.model import Variable
from roadworthy.rehearsal.conditions import With
from roadworthy.rehearsal.observed import Life
from roadworthy.rehearsal.scenario import Trial

NAME = "PORT"
TRIAL = Trial(conditions=(With(NAME, "wrong"),), subject=NAME, may_not_start=True)


def test_each_variable_gets_a_value_of_another_type_and_one_beyond_its_limits():
    declared = {"PORT": Variable(type="integer", maximum=65535), "NAME": Variable(), "MODE": Variable(choices=("a",))}

    planned = [trial.conditions for trial in trials("ENV303", terms(env=declared))]

    assert planned == [
        (With("PORT", "wrong"),),
        (With("PORT", "65536"),),
        (With("MODE", "wrong"),),
        (With("MODE", " wrong!"),),
    ]


@pytest.mark.parametrize("declared", [None, {}, {"NAME": Variable(secret=True)}])
def test_where_any_text_will_do_there_is_nothing_to_test(declared):
    assert reason("ENV303", terms(env=declared)) == "no variable has a type, choices, a pattern or limits"


@pytest.mark.parametrize("life", [stopped(1), Life(pid=100), Life(pid=100, health_body="PORT is no number")])
def test_an_agent_that_does_not_start_and_names_it_passes(life):
    seen = observed(trial=TRIAL, life=life, output=[] if life.health_body else printed("PORT is no number: 'wrong'"))

    assert judged("ENV303", seen).verdict == Outcome.PASS


def test_an_agent_that_stops_and_names_nothing_fails():
    seen = observed(trial=TRIAL, life=stopped(1), output=printed("ValueError: invalid literal for int(): 'wrong'"))

    verdict = judged("ENV303", seen)

    assert verdict.title == 'PORT set to "wrong": the agent does not say what is wrong'
    assert (verdict.seen or "").endswith("nothing it printed names PORT")


def test_an_agent_that_exits_with_status_0_fails_also_when_it_names_it():
    seen = observed(trial=TRIAL, life=stopped(0), output=printed("PORT is no number"))

    assert judged("ENV303", seen).title == 'PORT set to "wrong": the agent stopped as if all was well'


def test_an_agent_that_answers_in_silence_fails_where_the_variable_stands():
    place = Place("settings.py", 3, "PORT = os.environ.get('PORT')")

    verdict = judged("ENV303", observed(exchange(), trial=TRIAL, mentions={NAME: place}))

    assert verdict.title == 'PORT set to "wrong": the agent takes it in silence'
    assert verdict.where == place


def test_an_agent_that_answers_and_warns_passes_with_a_note():
    verdict = judged("ENV303", observed(exchange(), trial=TRIAL, output=printed("PORT is no number, using 8080")))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes


def test_a_first_request_that_names_it_passes():
    seen = observed(exchange(status=500, body={"error": "PORT is not a number"}), trial=TRIAL)

    assert judged("ENV303", seen).verdict == Outcome.PASS


def test_a_first_request_that_fails_without_its_name_fails():
    seen = observed(exchange(status=500, body="Internal Server Error"), trial=TRIAL, life=running())

    verdict = judged("ENV303", seen)

    assert verdict.title == 'PORT set to "wrong": the agent started, and failed on the first request'


def test_a_longer_name_is_another_one():
    seen = observed(trial=TRIAL, life=stopped(1), output=printed("PROXY_PORT is no number"))

    assert judged("ENV303", seen).verdict == Outcome.FAIL


def test_a_start_that_is_not_over_in_time_rests_on_time_and_an_exit_does_not():
    waiting = judged("ENV303", observed(trial=TRIAL, life=Life(pid=100)))
    stopped_silently = judged("ENV303", observed(trial=TRIAL, life=stopped(1)))

    assert [waiting.evidence["rests_on_time"], stopped_silently.evidence["rests_on_time"]] == [True, False]
