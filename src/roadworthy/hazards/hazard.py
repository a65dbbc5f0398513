"""What a hazard is made of: the words that explain it and its probes at three moments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from roadworthy.findings import Finding, Verdict
from roadworthy.hazards.checking import MachineCheck
from roadworthy.rehearsal.conditions import Condition, Feature
from roadworthy.rehearsal.observed import Baseline, Observed
from roadworthy.rehearsal.scenario import ONE_START, Plan, Scenario, Step, Trial, one_trial
from roadworthy.rehearsal.terms import Terms

type_of_digit = {"1": "rule", "3": "scenario"}
PYTHON = ("python",)


@dataclass(frozen=True, slots=True)
class Rule:
    """A probe of the source, `of` files of these kinds; tests are looked at only where `in_tests` says so."""

    code: str
    hazard: str
    title: str
    function: Callable[..., Iterator[Finding]]
    of: tuple[str, ...] = PYTHON
    in_tests: bool = False

    @property
    def explanation(self) -> str:
        """The rule's own docstring: what `roadworthy explain` prints."""
        return inspect.cleandoc(self.function.__doc__ or "")


@dataclass(slots=True)
class Hazard:
    """One way an agent fails in production, and everything that finds it.

    `prefix` starts all its codes; `cause` and `fix` are each a sentence or two in plain words; `before` and
    `after` show the defect and its mend in a few lines of code.
    """

    prefix: str
    title: str
    cause: str
    fix: str
    before: str = ""
    after: str = ""
    rules: dict[str, Rule] = field(default_factory=dict)
    checks: dict[str, MachineCheck] = field(default_factory=dict)
    """Filled in by the registry: a check is registered without its hazard (`checking.check`), and so loads alone."""
    scenarios: dict[str, Scenario] = field(default_factory=dict)

    def rule(
        self, code: str, title: str, *, of: tuple[str, ...] = PYTHON, in_tests: bool = False
    ) -> Callable[[Callable[..., Iterator[Finding]]], Any]:
        """Register a function from a source file's facts (`Module` for Python) to findings."""

        def register(function: Callable[..., Iterator[Finding]]) -> Callable[..., Iterator[Finding]]:
            self._claim(code, "1")
            self.rules[code] = Rule(code, self.prefix, title, function, of, in_tests)
            return function

        return register

    def scenario(
        self,
        code: str,
        title: str,
        *,
        conditions: tuple[Condition, ...] = (),
        steps: tuple[Step, ...] = (),
        plan: Callable[[Any, Baseline], Plan] | None = None,
        needs: tuple[Feature, ...] = (),
        fix: str | None = None,
        quick: bool = False,
        fresh: bool = False,
        quiet: bool = False,
        seconds: Callable[[Terms], float] = lambda _terms: ONE_START,
    ) -> Callable[[Callable[[Observed, Baseline], Verdict]], Callable[[Observed, Baseline], Verdict]]:
        """Register a judge, with what has to be done before it can judge.

        Either `conditions` and `steps` (one trial), or `plan`: a function from the `Terms` and the baseline
        to the trials or to the reason why there is nothing to test; `needs` then says ahead what its
        conditions may need enforced. `fresh` wants a start of its own, `quiet` nothing running beside it;
        `seconds` is how long it takes with a sound agent. `fix` mends this one where the hazard's own is too
        general.
        """

        def register(
            judge: Callable[[Observed, Baseline], Verdict],
        ) -> Callable[[Observed, Baseline], Verdict]:
            self._claim(code, "3")
            self.scenarios[code] = Scenario(
                code=code,
                hazard=self.prefix,
                title=title,
                plan=plan or one_trial(Trial(conditions=conditions, steps=steps)),
                judge=judge,
                fix=fix or self.fix,
                needs=frozenset(needs) | Trial(conditions=conditions).needs,
                quick=quick,
                fresh=fresh,
                quiet=quiet,
                seconds=seconds,
            )
            return judge

        return register

    def _claim(self, code: str, digit: str) -> None:
        number = code.removeprefix(self.prefix)
        if not (code.startswith(self.prefix) and len(number) == 3 and number.isdigit() and number[0] == digit):
            raise ValueError(f"{code}: a {type_of_digit[digit]} of {self.prefix} is {self.prefix}{digit}nn")
        if code in {**self.rules, **self.checks, **self.scenarios}:
            raise ValueError(f"{code} is registered twice")
