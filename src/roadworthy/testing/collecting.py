"""A manifest's rehearsal as test items, and the marker that lets a test run scenarios first."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from roadworthy.errors import RoadworthyError, UsageError
from roadworthy.testing.rehearsing import Rehearsal

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest

REHEARSAL: pytest.StashKey[Rehearsal] = pytest.StashKey()
CODES: pytest.StashKey[tuple[str, ...]] = pytest.StashKey()


class RehearsalFile(pytest.File):
    """The manifest, as the collector of one item for each scenario."""

    def collect(self) -> Iterator[pytest.Item]:
        """All scenarios there are, in the order of reports."""
        from roadworthy.hazards import scenarios

        for scenario in scenarios():
            yield RehearsalItem.from_parent(self, name=scenario.code, title=scenario.title)


class RehearsalItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, title: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.stash[CODES] = (self.name,)
        self.title = title

    def runtest(self) -> None:
        """Nothing: the verdict has been asked for by the hook, as for a marked test."""

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where reports say it is."""
        return self.path, 0, f"{self.name}: {self.title}"


def rehearsal_file(session: pytest.Session, manifest: Manifest) -> RehearsalFile:
    """The collector of a manifest that no argument names."""
    assert manifest.source is not None
    return RehearsalFile.from_parent(session, path=manifest.source)


def note_codes(item: pytest.Item) -> bool:
    """Find out which scenarios the item's markers name; False where there are none.

    Raises UsageError for a marker without codes, and a code that fits no scenario.
    """
    from roadworthy.hazards import scenarios

    words: list[str] = []
    for marker in item.iter_markers("rehearse"):
        if not marker.args or marker.kwargs or not all(isinstance(word, str) for word in marker.args):
            raise UsageError(f'{item.nodeid}: @pytest.mark.rehearse wants codes: @pytest.mark.rehearse("RATE301")')
        words += [word.upper() for word in marker.args]
    if not words:
        return CODES in item.stash
    try:
        item.stash[CODES] = tuple(scenario.code for scenario in scenarios(only=words))
    except UsageError as error:
        raise UsageError(f"{item.nodeid}: {error}") from error
    return True


def prepare(session: pytest.Session, manifest: Manifest, shared: Path | None) -> None:
    """One rehearsal for the items that are left after deselection."""
    rehearsal = Rehearsal(manifest, shared)
    asked = {code for item in session.items for code in item.stash.get(CODES, ())}
    rehearsal.codes = tuple(sorted(asked))
    session.config.stash[REHEARSAL] = rehearsal


def run(item: pytest.Item) -> None:
    """Rehearse, once a session, before anything of the first such test is set up."""
    if CODES in item.stash:
        try:
            item.config.stash[REHEARSAL].run()
        except RoadworthyError as error:
            raise pytest.fail.Exception(str(error), pytrace=False) from None


def judge(item: pytest.Item) -> None:
    """Fail or skip the test by the verdicts of its scenarios: failures first."""
    outcomes = [item.config.stash[REHEARSAL].outcome(code) for code in item.stash.get(CODES, ())]
    failed = [outcome.text for outcome in outcomes if outcome.result == "failed"]
    if failed:
        pytest.fail("\n\n".join(failed), pytrace=False)
    skipped = [outcome.text for outcome in outcomes if outcome.result == "skipped"]
    if skipped:
        raise pytest.skip.Exception("; ".join(skipped), _use_item_location=True)
