"""A scan that takes from the one before says what a scan that reads everything says."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.hazards import Chosen
from roadworthy.scan import disk, engine, part
from roadworthy.scan.cache import Cache
from roadworthy.scan.engine import scan
from roadworthy.scan.scanned import Scanned
from roadworthy.scan.text import read_bytes

FILES = {
    "app/__init__.py": "",
    "app/clients.py": "import httpx\n\nhttp = httpx.Client()\n",
    "app/tools.py": "import os\nimport requests\n\n\ndef search(query):\n    return requests.get(os.environ['URL'])\n",
    "app/server.py": (
        "from fastapi import FastAPI\nfrom app.clients import http\nfrom app.tools import search\n"
        "app = FastAPI()\n\n\n"
        "@app.post('/ask')\nasync def ask(query: str):\n    print(query)\n"
        "    return search(query), open('prompt.txt').read()\n"
    ),
    "broken.py": "def f(:\n",
    "requirements.txt": "requests==2.32.3\nfastapi==0.115.0\n",
    "Dockerfile": "FROM python:3.12-slim\nCOPY . .\nCMD uvicorn app.server:app\n",
}
CHANGES = {
    "nothing": {},
    "a body": {"app/tools.py": "import requests\n\n\ndef search(query):\n    return requests.get(query, timeout=3)\n"},
    "a client elsewhere": {"app/clients.py": "import httpx\n\nhttp = httpx.Client(timeout=3)\n"},
    "who calls": {
        "app/server.py": "import argparse\nfrom app.tools import search\n\nif __name__ == '__main__':\n    search(1)\n"
    },
    "what is asked for": {"requirements.txt": "fastapi\n"},
    "an image": {"Dockerfile": "FROM python:3.12-slim\nENV URL=http://a\nCMD python broken.py\n"},
    "a file that was broken": {"broken.py": "import uvicorn\nuvicorn.run('app.server:app', host='127.0.0.1')\n"},
    "a new file": {"app/health.py": "HEALTH = '/healthz'\n"},
    "a file that a path names": {"prompt.txt": "Hello\n"},
    "a package of its own": {"requests/__init__.py": ""},
}


def write(root: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def scanned(root: Path, cache: Path | None, jobs: int = 1) -> Scanned:
    return scan(root, Chosen(), jobs=jobs, cache=cache)


@pytest.mark.parametrize("change", CHANGES)
def test_a_second_scan_says_what_a_first_one_would(tmp_path: Path, change: str) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    scanned(root, cache)

    write(root, CHANGES[change])

    assert scanned(root, cache) == scanned(root, None)


def test_a_file_that_is_gone_is_told_of_no_more(tmp_path: Path) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    scanned(root, cache)

    (root / "app" / "clients.py").unlink()

    assert scanned(root, cache) == scanned(root, None)


@settings(max_examples=25)
@given(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=4))
def test_any_row_of_changes_is_told_as_if_everything_was_read(
    tmp_path_factory: pytest.TempPathFactory, row: list[str]
) -> None:
    root = write(tmp_path_factory.mktemp("project"), FILES)
    cache = tmp_path_factory.mktemp("cache")
    for change in row:
        write(root, CHANGES[change])

        assert scanned(root, cache) == scanned(root, None)


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    first = scanned(root, cache)
    parsed: list[str] = []
    module_of = part.module_of
    monkeypatch.setattr(
        part, "module_of", lambda project, file, data: parsed.append(file.path) or module_of(project, file, data)
    )

    assert scanned(root, cache) == first
    assert parsed == []

    write(root, {"app/tools.py": FILES["app/tools.py"] + "\n# a comment\n"})
    scanned(root, cache)
    assert parsed == ["app/tools.py"]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_with_the_stamp_of_the_last_scan_is_not_opened(
    tmp_path: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    monkeypatch.setattr(disk, "SETTLED", -60)  # as if all had been written long ago
    scanned(root, cache)
    time.sleep(0.02)  # longer than the clock of any disk takes
    write(root, CHANGES[change])
    opened: list[str] = []
    monkeypatch.setattr(
        engine, "read_bytes", lambda path: opened.append(path.relative_to(root).as_posix()) or read_bytes(path)
    )

    again = scanned(root, cache)

    assert opened == [path for path in CHANGES[change] if path != "prompt.txt"]
    assert again == scanned(root, None)


def test_a_file_that_was_written_just_before_a_scan_is_opened_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    first = scanned(root, cache)
    opened: list[Path] = []
    monkeypatch.setattr(engine, "read_bytes", lambda path: opened.append(path) or read_bytes(path))

    assert scanned(root, cache) == first
    assert len(opened) == len(FILES)

    monkeypatch.setattr(disk, "SETTLED", -60)  # as if it were later
    scanned(root, cache)
    opened.clear()
    assert scanned(root, cache) == first
    assert opened == []


@pytest.mark.parametrize(
    ("text", "is_enough"),
    [
        (f"# a comment\n{FILES['app/server.py']}", True),
        (FILES["app/server.py"].replace("prompt.txt", "other.txt"), True),
        (FILES["app/server.py"].replace("search(query)", "search(query), http.get(query)"), False),
        (FILES["app/server.py"].replace("open('prompt.txt').read()", "query"), False),
        (FILES["app/server.py"].replace("POST", "GET"), True),
        ("def f(:\n", False),
    ],
)
def test_the_others_are_looked_at_only_where_a_file_tells_them_something_else(
    tmp_path: Path, text: str, is_enough: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    scanned(root, cache)
    parts: list[object] = []
    judge = part.Part.judge
    monkeypatch.setattr(part.Part, "judge", lambda self: parts.append(self) or judge(self))

    write(root, {"app/server.py": text})
    again = scanned(root, cache)

    assert parts == [] if is_enough else parts
    assert again == scanned(root, None)
    write(root, CHANGES["a client elsewhere"])
    assert scanned(root, cache) == scanned(root, None)


def test_a_file_that_cannot_be_read_does_not_make_the_others_be_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    write(root, {"generated.py": "x = 1\n" * 400_000})
    first = scanned(root, cache)
    monkeypatch.setattr(part.Part, "read", lambda _self: pytest.fail("read again"))

    assert [problem.path for problem in first.problems] == ["generated.py", "broken.py"]
    assert scanned(root, cache) == first


def test_entries_of_another_scan_are_not_taken_for_its_own(tmp_path: Path) -> None:
    root, folder = write(tmp_path / "project", FILES), tmp_path / "cache"
    scanned(root, folder)
    cache = Cache(folder, root, Chosen(), None)
    last = cache.last()
    assert cache.entries(last)

    write(root, CHANGES["who calls"])
    scanned(root, folder)  # beside the one that has `last`

    assert cache.entries(last) == {}
    assert last is not None
    cache.keep(last, {}, of_all=False)
    assert scanned(root, folder) == scanned(root, None)


def test_a_rule_can_ask_nothing_that_is_not_written_down() -> None:
    from roadworthy.scan.project import Project
    from roadworthy.scan.questions import Questions

    with pytest.raises(AttributeError):
        _ = Questions(Project(Path())).summaries


def test_other_rules_have_results_of_their_own(tmp_path: Path) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    some = scan(root, Chosen(["TIME"]), cache=cache)

    assert {each.hazard for each in some.findings} == {"TIME"}
    assert scanned(root, cache) == scanned(root, None)


def test_a_run_bit_that_git_got_is_seen(tmp_path: Path) -> None:
    root, cache = (
        write(tmp_path / "project", {"a.py": "import subprocess\nsubprocess.run(['./run.sh'], timeout=3)\n"}),
        tmp_path,
    )
    write(root, {"run.sh": "#!/bin/sh\n"})
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", "-C", str(root), *command], check=True)
    assert any(each.code == "PERM101" for each in scanned(root, cache / "cache").findings)

    subprocess.run(["git", "-C", str(root), "update-index", "--chmod=+x", "run.sh"], check=True)

    assert not any(each.code == "PERM101" for each in scanned(root, cache / "cache").findings)


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"\xc1" * 40])
def test_what_is_damaged_is_as_if_it_were_not_there(tmp_path: Path, damage: bytes) -> None:
    root, cache = write(tmp_path / "project", FILES), tmp_path / "cache"
    first = scanned(root, cache)
    for file in cache.iterdir():
        file.write_bytes(file.read_bytes()[:16] + damage)

    assert scanned(root, cache) == first


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    root = write(tmp_path / "project", FILES)
    (tmp_path / "cache").write_text("a file")

    assert scanned(root, tmp_path / "cache") == scanned(root, None)


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_processes_say_what_one_says(tmp_path: Path, jobs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from roadworthy.scan import processes

    monkeypatch.setattr(processes, "WORTH_A_PROCESS", 1)
    root = write(tmp_path / "project", FILES)

    assert scanned(root, tmp_path / "cache", jobs) == scanned(root, None)
    assert scanned(root, tmp_path / "cache", jobs) == scanned(root, None)


@pytest.mark.parametrize("kept_lines", [0, 12])
def test_a_file_whose_tree_was_let_go_is_judged_alike(
    tmp_path: Path, kept_lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roadworthy.scan import engine

    root = write(tmp_path / "project", FILES)
    whole = scanned(root, None)
    monkeypatch.setattr(engine, "KEPT_LINES", kept_lines)

    assert scanned(root, None) == whole


def test_no_process_is_left_when_a_rule_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from roadworthy.scan import processes

    def failing(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(processes, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(part.Part, "judge", failing)
    before = _children()

    with pytest.raises(KeyboardInterrupt):
        scanned(write(tmp_path / "project", FILES), None, jobs=3)

    assert _children() == before


def test_a_rule_that_fails_in_another_process_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from roadworthy.scan import processes

    own = os.getpid()

    def failing(self: part.Part) -> dict[str, part.Entry]:
        if os.getpid() != own:
            raise ZeroDivisionError("in a rule")
        return self.entries

    monkeypatch.setattr(processes, "WORTH_A_PROCESS", 1)
    monkeypatch.setattr(part.Part, "judge", failing)

    with pytest.raises(ZeroDivisionError, match="in a rule") as caught:
        scanned(write(tmp_path / "project", FILES), None, jobs=2)

    assert "in failing" in caught.value.__notes__[0]


def _children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())
