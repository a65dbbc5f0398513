from dataclasses import replace

import pytest
from tests.hazards.evidence import manifest

from roadworthy.manifest.model import Agent, Budgets, Manifest, Resources, Timeouts
from roadworthy.rehearsal.terms import Terms

BARE = Manifest(root=manifest().root, agents={"agent": Agent(command=("python", "main.py"))})


def test_a_bare_manifest_has_the_usual_figures():
    terms = Terms.of(BARE)

    assert (terms.deadline, terms.ready, terms.model_timeout) == (30.0, 10.0, pytest.approx(20.0))
    assert (terms.memory, terms.concurrency, terms.grace) == (512 * 1024 * 1024, 20, 10.0)
    assert not terms.concurrency_declared
    assert not terms.is_entry
    assert not terms.is_one_shot


def test_a_declared_time_out_of_the_request_goes_before_its_budget():
    terms = Terms.of(replace(BARE, budgets=Budgets(answer=30.0), timeouts=Timeouts(request=9.0)))

    assert terms.deadline == 9.0
    assert terms.model_timeout == pytest.approx(6.0)


def test_what_is_declared_is_taken():
    declared = replace(
        BARE,
        budgets=Budgets(ready=2.0, concurrency=50),
        timeouts=Timeouts(model=4.0, grace=3.0),
        resources=Resources(memory=1024),
    )

    terms = Terms.of(declared)

    assert (terms.ready, terms.model_timeout, terms.grace, terms.memory) == (2.0, 4.0, 3.0, 1024)
    assert (terms.concurrency, terms.concurrency_declared) == (50, True)


def test_kinds_of_agents_are_told_apart():
    assert Terms.of(manifest(Agent(entry="app.py:agent"))).is_entry
    assert Terms.of(manifest(Agent(command=("ask",), input="stdin"))).is_one_shot
