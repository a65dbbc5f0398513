"""The hazards: one module for each, found here, and those that other packages add.

A module of this package that has a `hazard` is one; nothing else has to be told of a new one. Other packages
name theirs in the entry-point group `roadworthy.hazards`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from roadworthy.hazards.checking import MachineCheck
    from roadworthy.hazards.hazard import Hazard, Rule
    from roadworthy.rehearsal.scenario import Scenario

GROUP = "roadworthy.hazards"
RULES = "_in_source"
"""How the names of modules end that hold only rules of a hazard."""
CHECKS = "_on_machine"
"""How the names of modules end that hold only checks of a hazard."""
CLASSIC = ("ENV", "PATH", "NET", "PERM", "BIN", "RATE", "TIME", "MEM", "CONC", "MODEL", "COLD", "LOG")
"""The order of reports and docs. Further ones follow by name; ALL, every condition at once, is last."""


def all_hazards() -> tuple[Hazard, ...]:
    """Every hazard in the order of reports, with its rules, checks and scenarios.

    Raises UsageError for a package whose hazard cannot be loaded.
    """
    for module in _modules():
        if module.endswith(RULES):
            import_module(module)
    hazards = _hazards()
    for check in _own_checks():
        for hazard in hazards:
            if hazard.prefix == check.hazard:
                hazard.checks.setdefault(check.code, check)
    return hazards


@cache
def _hazards() -> tuple[Hazard, ...]:
    """Every hazard; of the built-in ones the rules are only there once something has asked for all."""
    found = [*_built_in(), *_plugged_in()]
    for hazard in found:
        same = [other for other in found if other.prefix == hazard.prefix]
        if len(same) > 1:
            from roadworthy.errors import UsageError

            raise UsageError(f"two hazards have the prefix {hazard.prefix}: {same[0].title!r}, {same[1].title!r}")
    return tuple(sorted(found, key=_rank))


def scenario(code: str) -> Scenario:
    """The scenario with this code. Raises UsageError with the nearest code where there is none."""
    found = _scenarios().get(code.upper())
    if found is None:
        raise _unknown(code, _scenarios(), "scenario")
    return found


def scenarios(only: Iterable[str] = (), skip: Iterable[str] = (), *, quick: bool = False) -> tuple[Scenario, ...]:
    """The scenarios to run, in order: all, or the quick ones, of these `only`, without those to `skip`.

    `only` and `skip` hold codes or how codes begin (`ENV302`, `ENV3`, `env`). Raises UsageError for one that
    fits nothing, with the nearest code, and when nothing is left.
    """
    only, skip = list(only), list(skip)
    chosen, left_out = _selected(only, _scenarios(), "scenario"), _selected(skip, _scenarios(), "scenario")
    found = tuple(
        scenario
        for scenario in _scenarios().values()
        if (not only or scenario.code in chosen) and scenario.code not in left_out and (scenario.quick or not quick)
    )
    if not found:
        from roadworthy.errors import UsageError

        given = [f"--only {word}" for word in only] + [f"--skip {word}" for word in skip]
        raise UsageError(f"no scenario is left with {' '.join(given + ['--quick'] * quick)}")
    return found


def rules(only: Iterable[str] = (), skip: Iterable[str] = ()) -> tuple[Rule, ...]:
    """The rules to apply, in order: all, or these `only`, without those to `skip`; codes or how codes begin.

    Raises UsageError for one that fits no rule, with the nearest code, and when nothing is left.
    """
    known = {code: found for hazard in all_hazards() for code, found in hazard.rules.items()}
    chosen, left_out = _selected(list(only), known, "rule"), _selected(list(skip), known, "rule")
    found = tuple(rule for code, rule in known.items() if (not chosen or code in chosen) and code not in left_out)
    if not found:
        from roadworthy.errors import UsageError

        raise UsageError("no rule is left to apply\n  --ignore leaves out all that --select names")
    return found


class Chosen(Sequence["Rule"]):
    """The rules that `rules` gives for these words, loaded when one is asked for."""

    def __init__(self, only: Iterable[str] = (), skip: Iterable[str] = ()) -> None:
        self.words = tuple(only), tuple(skip)

    def __len__(self) -> int:
        return len(self._rules)

    @overload
    def __getitem__(self, at: int) -> Rule: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Rule, ...]: ...
    def __getitem__(self, at: int | slice) -> Rule | tuple[Rule, ...]:
        return self._rules[at]

    @cached_property
    def _rules(self) -> tuple[Rule, ...]:
        return rules(*self.words)


def checks() -> tuple[MachineCheck, ...]:
    """Every check of a machine, in the order of the checklist; rules and scenarios are not loaded for it.

    Raises UsageError for a package whose hazard cannot be loaded.
    """
    from roadworthy.hazards.checklist import rank

    found = _own_checks()
    if _may_be_plugged_in():
        from roadworthy.hazards.checking import CHECKS

        list(_plugged_in())
        found = tuple(CHECKS)
    return tuple(sorted(found, key=lambda check: (rank(check.item), check.code)))


def probe(code: str) -> Scenario | Rule | MachineCheck:
    """The rule, check or scenario with this code. Raises UsageError with the nearest code."""
    probes: dict[str, Scenario | Rule | MachineCheck] = {}
    for hazard in all_hazards():
        probes |= {**hazard.rules, **hazard.checks, **hazard.scenarios}
    if code.upper() not in probes:
        raise _unknown(code, probes, "rule, check or scenario")
    return probes[code.upper()]


def hazard_of(code: str) -> Hazard:
    """The hazard that a code or a prefix belongs to. Raises UsageError with the nearest prefix."""
    prefix = code.upper().rstrip("0123456789")
    for hazard in all_hazards():
        if hazard.prefix == prefix:
            return hazard
    raise _unknown(code, [hazard.prefix for hazard in all_hazards()], "hazard")


def _own_checks() -> tuple[MachineCheck, ...]:
    """Those of this package, and of whatever else has registered some."""
    from roadworthy.hazards import checking

    for module in _modules():
        if module.endswith(CHECKS):
            import_module(module)
    return tuple(checking.CHECKS)


def _may_be_plugged_in() -> bool:
    """Whether an installed package names our group: reading the files is quicker than importlib.metadata's import."""
    import sys
    from pathlib import Path

    section = f"[{GROUP}]".encode()
    for folder in filter(None, sys.path):
        for file in Path(folder).glob("*.*-info/entry_points.txt"):
            try:
                if section in file.read_bytes():
                    return True
            except OSError:
                continue
    return False


def _scenarios() -> dict[str, Scenario]:
    return {code: found for hazard in _hazards() for code, found in hazard.scenarios.items()}


def _selected(words: list[str], known: Iterable[str], kind: str) -> frozenset[str]:
    chosen: set[str] = set()
    for word in words:
        fitting = [code for code in known if code.startswith(word.upper())]
        if not fitting:
            raise _unknown(word, known, kind)
        chosen.update(fitting)
    return frozenset(chosen)


def _unknown(word: str, known: Iterable[str], kind: str) -> Exception:
    import difflib

    from roadworthy.errors import UsageError

    nearest = difflib.get_close_matches(word.upper(), list(known), n=1, cutoff=0.5)
    return UsageError(
        f"there is no {kind} {word!r}\n"
        + (f"  did you mean {nearest[0]}?" if nearest else f"  there are {', '.join(sorted(known))}")
    )


def _built_in() -> Iterator[Hazard]:
    known: list[Hazard] = []  # several modules may share one: it is then the same object
    for module in _modules():
        if module.endswith((RULES, CHECKS)):
            continue  # of a hazard that has a module of its own; a rehearsal needs none of them
        found = getattr(import_module(module), "hazard", None)
        if found is not None and _is_hazard(found) and not any(found is other for other in known):
            known.append(found)
            yield found


def _modules() -> Iterator[str]:
    import pkgutil

    return (module.name for module in pkgutil.iter_modules(__path__, "roadworthy.hazards."))


def _plugged_in() -> Iterator[Hazard]:
    from importlib.metadata import entry_points

    for entry in entry_points(group=GROUP):
        yield _loaded(entry)


def _loaded(entry: EntryPoint) -> Hazard:
    from roadworthy.errors import UsageError

    package = entry.dist.name if entry.dist is not None else "a package"
    try:
        found = entry.load()
    except Exception as error:
        raise UsageError(
            f"the hazard {entry.name!r} of {package} cannot be loaded: {type(error).__name__}: {error}\n"
            f"  it comes from {entry.value}; mend or uninstall {package}"
        ) from error
    found = getattr(found, "hazard", found)
    if not _is_hazard(found):
        raise UsageError(
            f"the entry point {entry.name!r} of {package} leads to no hazard\n"
            f"  {entry.value} must be a roadworthy.hazards.hazard.Hazard, or a module with one named `hazard`"
        )
    return found  # type: ignore[no-any-return]


def _is_hazard(found: object) -> bool:
    from roadworthy.hazards.hazard import Hazard

    return isinstance(found, Hazard)


def _rank(hazard: Hazard) -> tuple[int, str]:
    if hazard.prefix in CLASSIC:
        return CLASSIC.index(hazard.prefix), ""
    return (len(CLASSIC) + 1, "") if hazard.prefix == "ALL" else (len(CLASSIC), hazard.prefix)
