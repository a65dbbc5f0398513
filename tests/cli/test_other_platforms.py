"""Where there is no Linux, a rehearsal says what works there; what needs no sandbox works everywhere."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from roadworthy.cli.main import main

STURDY = Path(__file__).parents[2] / "examples" / "sturdy"


def status(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> object:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(sys, "argv", ["roadworthy", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_a_rehearsal_gives_the_command_of_a_container_where_it_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(monkeypatch, "rehearse", str(STURDY)) == 2

    message = capsys.readouterr().err
    assert "needs Linux, and this is darwin" in message
    assert 'docker run --rm -it --privileged -v "$PWD:/work" -w /work python:3.11 sh -c' in message


@pytest.mark.parametrize("verb", [("explain", "ENV302"), ("schema",)])
def test_what_starts_nothing_works_everywhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], verb: tuple[str, ...]
) -> None:
    assert status(monkeypatch, *verb) == 0
    assert capsys.readouterr().out
