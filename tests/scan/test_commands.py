"""Commands in every kind of file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.scan.dockerfile import facts_of as docker_facts
from roadworthy.scan.dockerfile import instructions
from roadworthy.scan.document import document_of
from roadworthy.scan.project import Project
from roadworthy.scan.shell import commands_in, facts_of
from roadworthy.scan.text import Unreadable


@pytest.mark.parametrize(
    ("text", "programs"),
    [
        ("rg a | head -1 && jq . < f", ["rg", "head", "jq"]),
        ("find . -name x | xargs -n 1 -P4 ag todo", ["find", "xargs", "ag"]),
        ("find . -exec file {} \\;", ["find", "file"]),
        ("env -u A B=1 sudo -u me fd x", ["env", "sudo", "fd"]),
        ("A=1 timeout -k 5 10s git pull", ["timeout", "git"]),
        ("bash -lc 'cd /x && npm ci'", ["bash", "cd", "npm"]),
        ('sh -c "ls | tee $OUT"', ["sh", "ls", "tee"]),
        ("(cd /x; tree) & echo $(whois `host b`)", ["cd", "tree", "echo", "whois", "host"]),
        ("f() { unzip a; }; f; exec tini -- gunicorn app", ["unzip", "exec", "tini", "gunicorn"]),
        ("if ! [ -f x ]; then curl y; fi", ["curl"]),
        ("rg {{pattern}} {{ folder | quote }}", ["rg"]),
        ("cat <<'EOF'\nnmap is text\nEOF", ["cat"]),
        ("# rg\necho 'rg x'", ["echo"]),
    ],
)
def test_a_shells_programs_are_found_behind_what_starts_them(text: str, programs: list[str]) -> None:
    assert [each.program for each in commands_in(text)] == programs


def test_asking_for_a_program_is_not_starting_it() -> None:
    found = facts_of("command -v rg && which -s jq || hash fd").commands

    assert [each.program for each in found if each.how == "asked"] == ["rg", "jq", "fd"]


def test_words_are_what_the_shell_would_hand_on() -> None:
    (found,) = commands_in("""sed -i '' "a b"'c'd\\ e "$X/y" """)

    assert found.arguments == ("-i", "", "a bcd e", "\N{OBJECT REPLACEMENT CHARACTER}/y")


def test_a_dockerfiles_instructions_go_over_lines_and_comments() -> None:
    text = (
        "FROM python:3.12-slim AS base\nRUN apt-get install \\\n  # why\n  jq \\\n  git\n"
        "ENV A=1 B='x y'\nCMD [\"./run.sh\"]\n"
    )
    facts = docker_facts(text)

    assert [(each.name, each.line) for each in instructions(text)] == [("FROM", 1), ("RUN", 2), ("ENV", 6), ("CMD", 7)]
    assert {"jq", "git"} <= set(facts.installs)
    assert [(each.name, each.value) for each in facts.variables] == [("A", "1"), ("B", "x y")]
    assert [(each.program, each.at.line) for each in facts.commands] == [("./run.sh", 7)]


@pytest.mark.parametrize(
    ("name", "kind", "text", "variables"),
    [
        ("compose.yaml", "yaml", "services:\n  a:\n    environment: [A=1, B]\n", ["A", "B"]),
        ("compose.yaml", "yaml", "services:\n  a:\n    environment: {A: 1}\n", ["A"]),
        (
            "deployment.yaml",
            "yaml",
            "apiVersion: apps/v1\nkind: Deployment\nspec:\n  containers:\n  - env: [{name: A, value: x}]\n",
            ["A"],
        ),
        ("map.yaml", "yaml", "apiVersion: v1\nkind: ConfigMap\ndata: {A: x}\n", ["A"]),
        (".env", "dotenv", "# b\nexport A=1\nB='2'\n", ["A", "B"]),
    ],
)
def test_variables_that_other_files_set_are_known(name: str, kind: str, text: str, variables: list[str]) -> None:
    document = document_of(name, kind, text, Project(Path("/nowhere")))

    assert document is not None
    assert [each.name for each in document.variables if each.is_set] == variables


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["shell", "docker", "yaml", "json", "dotenv", "requirements", "toml"]),
    st.lists(st.sampled_from([*"abc \n\t\\\"'`$(){}[]|&;<>#-=@,*!/", "RUN ", "command: ", "services:\n"])).map("".join),
)
def test_any_text_is_read_or_told_to_be_unreadable(kind: str, text: str) -> None:
    name = {"toml": "pyproject.toml", "yaml": "compose.yaml", "json": ".mcp.json"}.get(kind, "file")
    with suppress(Unreadable):
        document_of(name, kind, text, Project(Path("/nowhere")))


@pytest.mark.parametrize("text", ["services: " + "[" * 100_000, "services:\n " + "- " * 100_000, "services: &a [*a]"])
def test_what_is_nested_without_end_does_not_stop_a_scan(text: str) -> None:
    with suppress(Unreadable):
        document_of("compose.yaml", "yaml", text, Project(Path("/nowhere")))
