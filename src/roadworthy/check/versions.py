"""Versions and conditions on them, as Python's packages write them (PEP 440): which are the same, and what fits."""

from __future__ import annotations

import re

_VERSION = re.compile(
    r"\s*v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)"
    r"(?:[-_.]?(?P<pre>alpha|a|beta|b|preview|pre|c|rc)[-_.]?(?P<pre_number>\d*))?"
    r"(?P<post>-(?P<bare>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*))?"
    r"(?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d*))?"
    r"(?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?\s*",
    re.IGNORECASE,
)
_SPELLINGS = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_CONDITION = re.compile(
    r"\s*(?P<operator>===|==|!=|<=|>=|~=|<|>|\^|~|=)?\s*v?(?P<release>\d+(\.\d+)*)(?P<any>\.\*)?\s*"
)


def same(installed: str, locked: str) -> bool:
    """Whether two texts are one version: `1.0rc1` and `1.0.0-RC.1` are.

    An installed `2.6.0+cpu` is a locked `2.6.0`; a locked `2.6.0+cpu` is no other than that.
    """
    first, second = _VERSION.fullmatch(installed), _VERSION.fullmatch(locked)
    if first is None or second is None:
        return installed.strip().lower() == locked.strip().lower()
    local = _local(second["local"])
    return _key(first) == _key(second) and (local == "" or _local(first["local"]) == local)


def is_compatible(installed: str, locked: str) -> bool:
    """Whether the numbers promise that one may stand for the other: the first part, below 1.0 the first two."""
    first, second = _VERSION.fullmatch(installed), _VERSION.fullmatch(locked)
    if first is None or second is None:
        return False
    one, other = _numbers(first["release"]), _numbers(second["release"])
    length = 2 if one[0] == 0 else 1
    return one[:length] == other[:length]


def fits(version: tuple[int, ...], conditions: str) -> bool | None:
    """Whether a Python's version fits conditions such as `>=3.11,<4`, `^3.11`, `3.11.*`; None where that is not told.

    Of a version whose third part is not known, what only that would decide fits.
    """
    judged = [_fits_any(version, part) for part in conditions.split(",") if part.strip()]
    if False in judged:
        return False
    return None if None in judged or not judged else True


def _fits_any(version: tuple[int, ...], text: str) -> bool | None:
    """Poetry writes alternatives with `||`."""
    judged = [_fits_one(version, part) for part in text.split("||")]
    return True if True in judged else None if None in judged else False


def _fits_one(version: tuple[int, ...], text: str) -> bool | None:
    if text.strip() == "*":
        return True
    found = _CONDITION.fullmatch(text)
    if found is None:
        return None
    wanted = _numbers(found["release"])
    operator = found["operator"] or "=="
    if operator == "^":
        return wanted <= _cut(version, wanted) and version[:1] == wanted[:1]
    if operator in ("~=", "~"):
        kept = max(len(wanted) - 1, 1) if operator == "~=" else min(len(wanted), 2)
        return wanted <= _cut(version, wanted) and version[:kept] == wanted[:kept]
    prefix = found["any"] is not None or (found["operator"] is None and len(wanted) < 3)
    if operator in ("==", "===", "=", "!="):
        is_told = prefix or len(version) > 2
        equal = _padded(version) == _padded(wanted) if is_told and not prefix else _cut(version, wanted) == wanted
        return (not equal or not is_told) if operator == "!=" else equal
    if len(version) < 3:  # 3.11, of which the third part is not known: 3.11.0 to 3.11.99 at most
        low, high = (*version, 0), (*version, 99)
    else:
        low = high = version
    whole = _padded(wanted)
    match operator:
        case ">=":
            return high >= whole
        case ">":
            return high > whole
        case "<=":
            return low <= whole
        case _:
            return low < whole


def _cut(version: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[int, ...]:
    """As many parts as are wanted; those that are not known are taken to fit."""
    return version[: len(wanted)] + wanted[len(version) : len(wanted)]


def _padded(version: tuple[int, ...]) -> tuple[int, ...]:
    return (*version, 0, 0, 0)[:3]


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, release.split(".")))


def _key(found: re.Match[str]) -> tuple[object, ...]:
    release = list(_numbers(found["release"]))
    while len(release) > 1 and release[-1] == 0:
        release.pop()
    spelled = (found["pre"] or "").lower()
    return (
        int(found["epoch"] or 0),
        release,
        (_SPELLINGS.get(spelled, spelled), int(found["pre_number"] or 0)) if spelled else None,
        int(found["bare"] or found["post_number"] or 0) if found["post"] else None,
        int(found["dev_number"] or 0) if found["dev"] else None,
    )


def _local(text: str | None) -> str:
    return re.sub(r"[-_.]", ".", text or "").lower()
