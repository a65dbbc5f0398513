"""The project as one file's rules see it: what they ask is written down with the answer.

A file's findings follow from its text and from these answers alone. So they stand, from one scan to the next, while the
file is the same and the project still answers the same; and a file whose rules ask nothing need not be read again once
all others are known.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from roadworthy.scan.moments import Moment

if TYPE_CHECKING:
    from roadworthy.manifest.model import Manifest
    from roadworthy.scan.declared import Declared
    from roadworthy.scan.disk import Disk
    from roadworthy.scan.project import Project

Word = str | bool | tuple[str, ...] | None
Question = tuple[str, tuple[str | bool, ...]]
"""A method of Project, and its arguments."""


class NotAsked(Exception):  # noqa: N818 - no error: more has to be known
    """Something is asked for the first time, and only earlier answers are at hand."""


class Questions:
    """Asks a Project, for one file: every method of it is one here too."""

    def __init__(self, project: Project) -> None:
        self.whole = project
        """For what looks at all files together, and judges none."""
        self.asked: dict[Question, Word] = {}
        self.answered: dict[Question, Word] | None = None
        """Earlier answers, to be given without the project."""
        self.looks_around = False
        """Whether something was asked of other than Python files: documents, or the folder itself."""

    @property
    def manifest(self) -> Manifest | None:
        """The project's manifest, if it has one."""
        return self.whole.manifest

    @property
    def declared(self) -> Declared:
        """What files that are no Python say."""
        self.looks_around = True
        return self.whole.declared

    @property
    def disk(self) -> Disk:
        """The project's folder."""
        self.looks_around = True
        return self.whole.disk

    def moment(self, dotted: str, path: str, scope: str, *, in_main: bool = False) -> Moment:
        """See `Project.moment`."""
        return cast(Moment, self._ask("moment", dotted, path, scope, in_main))

    def made(self, dotted: str) -> str | None:
        """See `Project.made`; here by name too, as it is asked most of all."""
        key = ("made", (dotted,))
        return cast("str | None", self.asked[key] if key in self.asked else self._ask("made", dotted))

    def __getattr__(self, question: str) -> Callable[..., Any]:
        if question.startswith("_") or not callable(getattr(self.whole, question)):
            raise AttributeError(question)
        return partial(self._ask, question)

    def _ask(self, question: str, *words: str | bool) -> Word:
        key = (question, words)
        if key in self.asked:
            return self.asked[key]
        if self.answered is None:
            found = answer(self.whole, key)
        elif key in self.answered:
            found = Moment(str(self.answered[key])) if question == "moment" else self.answered[key]
        else:
            raise NotAsked(question)
        self.asked[key] = found
        return found


def answer(project: Project, question: Question) -> Word:
    """What the project says now."""
    method, words = question
    if method == "moment":
        dotted, path, scope, in_main = words
        return project.moment(str(dotted), str(path), str(scope), in_main=bool(in_main))
    return cast("Word", getattr(project, method)(*words))


def answers_still(project: Project, asked: dict[Question, Word]) -> bool:
    """Whether the project answers all of these as before."""
    return all(answer(project, question) == before for question, before in asked.items())
