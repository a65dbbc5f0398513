"""Waivers: which failures are accepted, why, and until when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
UNTIL = re.compile(rf"(?P<reason>.*\S)[,;]?\s+\(?until\s+(?P<day>{DAY})\)?\.?", re.DOTALL)
LIKE_A_DAY = re.compile(r"\buntil\s+(\S*[0-9]+[-./][0-9]+[-./][0-9]+\S*)$")


@dataclass(frozen=True, slots=True)
class Waiver:
    """Why a failure is accepted; `until` is the last day on which it is, None: for good."""

    reason: str
    until: date | None = None

    def has_expired(self, today: date) -> bool:
        """Whether the last day is over."""
        return self.until is not None and today > self.until


def waiver_in(text: str) -> Waiver:
    """The waiver that a manifest writes as `REASON` or `REASON until 2027-01-31`.

    Raises ValueError for a date that is none, or that is written in another way: a waiver that was meant to
    end must not last for good.
    """
    found = UNTIL.fullmatch(text.strip())
    if found:
        return Waiver(found["reason"].rstrip(",;( "), date.fromisoformat(found["day"]))
    if other := LIKE_A_DAY.search(text.strip()):
        raise ValueError(f"{other[1]} is no date")
    return Waiver(text.strip())
