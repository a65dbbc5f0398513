"""Secrets where others may read them: noted as they are redacted, before they are gone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from roadworthy.redaction import REDACTED, leaks_in
from roadworthy.rehearsal.observed import Leak

WIDTH = 160
"""Characters around a leaked secret that are shown."""


class Leaks:
    """Redacts what the agent says and writes, and keeps in `found` what had to be redacted."""

    def __init__(self, redact: Callable[[str], str], secrets: Mapping[str, str], clock: Callable[[], float]) -> None:
        self.found: list[Leak] = []
        self._redact, self._secrets, self._clock = redact, secrets, clock

    def redacting(self, where: str) -> Callable[[str], str]:
        """A function that redacts a text from `where`, and notes the declared secrets in it."""

        def redact(text: str) -> str:
            redacted = self._redact(text)
            if redacted != text:
                for name in leaks_in(text, self._secrets):
                    self._note(name, where, redacted)
            return redacted

        return redact

    def _note(self, name: str, where: str, redacted: str) -> None:
        line = next((line for line in redacted.splitlines() if REDACTED in line), "").strip()
        start = max(0, line.find(REDACTED) - WIDTH // 2)
        self.found.append(Leak(self._clock(), name, where, line[start : start + WIDTH]))
