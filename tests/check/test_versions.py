"""Versions, conditions on them, and markers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.check.markers import holds
from roadworthy.check.versions import fits, same


@pytest.mark.parametrize(
    ("installed", "locked"),
    [("1.0rc1", "1.0"), ("1.0", "1.0.1"), ("1.0", "1.0.post1"), ("2.6.0", "2.6.0+cpu"), ("1.0", "2!1.0")],
)
def test_these_are_not_the_same(installed: str, locked: str) -> None:
    assert not same(installed, locked)


@given(st.lists(st.integers(0, 3000), min_size=1, max_size=5), st.integers(0, 3))
def test_zeros_at_the_end_say_nothing(release: list[int], zeros: int) -> None:
    assert same(".".join(map(str, release)), ".".join(map(str, [*release, *[0] * zeros])))


@pytest.mark.parametrize(
    ("version", "conditions", "expected"),
    [
        ((3, 11, 7), ">=3.11", True),
        ((3, 11, 7), ">3.11", True),
        ((3, 11), ">=3.11.4", True),
        ((3, 11), ">=3.12", False),
        ((3, 11, 7), "<=3.11", False),
        ((3, 11, 7), "==3.11", False),
        ((3, 11, 7), "==3.11.*", True),
        ((3, 11, 7), "!=3.11.7", False),
        ((3, 11, 7), "!=3.10.*,>=3.9", True),
        ((3, 11, 7), "~=3.10", True),
        ((3, 11, 7), "~=3.11.8", False),
        ((3, 11, 7), "^3.9", True),
        ((4, 0, 0), "^3.9", False),
        ((3, 11, 7), "~3.11", True),
        ((3, 12, 0), "~3.11", False),
        ((3, 11, 7), "<3.10 || >=3.11", True),
        ((3, 11, 7), "3.11", True),
        ((3, 11, 7), "*", True),
        ((3, 11, 7), "odd", None),
        ((3, 11, 7), "", None),
    ],
)
def test_conditions_on_python_are_understood(version: tuple[int, ...], conditions: str, expected: bool | None) -> None:
    assert fits(version, conditions) is expected


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("python_version >= '3.9'", True),
        ('python_version > "3.11"', False),
        ("python_version < '3.11' or sys_platform == 'linux'", True),
        ("(python_version < '3.11' or sys_platform == 'win32') and os_name == 'posix'", False),
        ("'linux' in sys_platform", True),
        ("sys_platform not in 'win32,darwin'", True),
        ("python_full_version >= '3.11.4'", True),
        ("platform_machine == 'aarch64'", False),
        ("'3.10' <= python_version", True),
        ("extra == 'dev'", False),
        ("python_version", None),
        ("odd == 'x'", None),
        ("python_version >= '3.9' and", None),
        ("(python_version >= '3.9'", None),
        ("platform_release >= '6'", None),
        ("~", None),
        ("", None),
    ],
)
def test_markers_are_understood_or_left_alone(marker: str, expected: bool | None) -> None:
    environment = {
        "python_version": "3.11",
        "python_full_version": "3.11.7",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_release": "6.1",
        "extra": "",
    }

    assert holds(marker, environment) is expected


@given(st.text(alphabet="()'\"=<>! andoritpyhs_.3", max_size=40))
def test_no_marker_stops_a_check(marker: str) -> None:
    assert holds(marker, {"python_version": "3.11"}) in (True, False, None)
