"""LOG302: a secret's value in what the agent says or writes."""

from __future__ import annotations

from typing import Any

from tests.hazards.evidence import baseline, exchange, judged, observed, printed, reason, terms, trials

from roadworthy.findings import Outcome
from roadworthy.manifest.model import Variable
from roadworthy.rehearsal.observed import Leak, Observed, ServiceUse
from roadworthy.rehearsal.scenario import Break, SearchFiles

SECRET = terms(env={"OPENAI_API_KEY": Variable(secret=True)})


def seen(*leaks: Leak, **keys: Any) -> Observed:
    keys = {"secrets_sought": ("OPENAI_API_KEY",), "files_written": 2, **keys}
    return observed(
        exchange("before", due=1.0),
        exchange("during", due=2.0, status=502),
        the=SECRET,
        leaks=list(leaks),
        breaks=[(1.5, "the provider answers 401"), (3.0, "")],
        **keys,
    )


def test_the_plan_breaks_the_provider_and_each_service_that_is_used():
    base = baseline(services=[ServiceUse(1.0, "customers", "localhost", 9107)] * 2)

    (trial,) = trials("LOG302", SECRET, base)

    names = [step.fault.name for step in trial.steps if isinstance(step, Break)]
    assert names == ["the provider answers 401", "customers refuses connections"]
    assert trial.steps[-1] == SearchFiles()


def test_without_a_declared_secret_there_is_nothing_to_look_for():
    assert "secret: true" in reason("LOG302", terms(env={"PORT": Variable()}))


def test_a_key_in_the_output_fails_and_the_report_does_not_hold_it():
    leak = Leak(2.1, "OPENAI_API_KEY", "the output", "refused: Bearer [redacted]")

    verdict = judged("LOG302", seen(leak))

    assert verdict.title == "OPENAI_API_KEY: the value is in the output"
    assert "while the provider answers 401" in (verdict.seen or "")
    assert "Bearer [redacted]" in (verdict.seen or "")


def test_a_key_printed_at_start_fails():
    verdict = judged("LOG302", seen(Leak(0.1, "OPENAI_API_KEY", "the output", "[redacted]")))

    assert "before the first request" in (verdict.seen or "")


def test_a_key_in_a_file_fails_with_its_path():
    verdict = judged("LOG302", seen(Leak(4.0, "OPENAI_API_KEY", "the file logs/agent.log", "[redacted]")))

    assert "logs/agent.log" in verdict.title


def test_nothing_found_passes():
    assert judged("LOG302", seen()).verdict == Outcome.PASS


def test_an_agent_that_redacts_its_own_output_is_not_accused():
    line = printed("the key OPENAI_API_KEY=[redacted] was refused")

    assert judged("LOG302", seen(output=line)).verdict == Outcome.PASS


def test_values_that_cannot_be_told_from_words_are_not_tested():
    assert judged("LOG302", seen(secrets_sought=())).verdict == Outcome.NOT_TESTED


def test_where_files_are_not_looked_at_it_says_so():
    verdict = judged("LOG302", seen(files_written=None))

    assert verdict.verdict == Outcome.PASS
    assert any("files were not looked at" in note for note in verdict.notes)
