"""Which files are scanned: `.gitignore`, links, folders that cannot be read, notebooks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from roadworthy.hazards import rules
from roadworthy.scan import files
from roadworthy.scan.engine import scan
from roadworthy.scan.files import files_of, kind_of


def made(root: Path, *paths: str, **texts: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    for path, text in texts.items():
        (root / path).write_text(text)
    return root


def paths(root: Path) -> list[str]:
    return [file.path for file in files_of(root)]


def test_files_come_in_order_with_those_of_a_folder_before_its_folders(tmp_path: Path) -> None:
    made(tmp_path, "b/z.py", "a.py", "b/c/d.py", "c.py")

    assert paths(tmp_path) == ["a.py", "c.py", "b/z.py", "b/c/d.py"]


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("*.py\n", []),
        ("/a.py\n", ["sub/a.py", "sub/b.py"]),
        ("a.py\n", ["sub/b.py"]),
        ("sub/\n", ["a.py"]),
        ("*.py\n!b.py\n", ["sub/b.py"]),
        ("sub\n!sub/b.py\n", ["a.py"]),
        ("# a.py\n\n", ["a.py", "sub/a.py", "sub/b.py"]),
        ("sub/**\n", ["a.py"]),
        ("**/b.py\n", ["a.py", "sub/a.py"]),
        ("[\n", ["a.py", "sub/a.py", "sub/b.py"]),
    ],
)
def test_what_gitignore_names_is_left_out(tmp_path: Path, ignored: str, left: list[str]) -> None:
    made(tmp_path, "a.py", "sub/a.py", "sub/b.py")
    (tmp_path / ".gitignore").write_text(ignored)

    assert paths(tmp_path) == left


@pytest.mark.parametrize(
    ("outer", "inner", "left"),
    [
        ("", "a.py\n", ["a.py", "sub/b.py"]),
        ("a.py\n", "!a.py\n", ["sub/a.py", "sub/b.py"]),
        ("", "/sub/a.py\n", ["a.py", "sub/a.py", "sub/b.py"]),
        ("b.py\n", "a.py\n", ["a.py"]),
    ],
)
def test_a_gitignore_below_is_about_its_own_folder_and_has_the_last_word(
    tmp_path: Path, outer: str, inner: str, left: list[str]
) -> None:
    made(tmp_path, "a.py", "sub/a.py", "sub/b.py")
    (tmp_path / ".gitignore").write_text(outer)
    (tmp_path / "sub/.gitignore").write_text(inner)

    assert paths(tmp_path) == left


def test_a_gitignore_that_is_no_text_or_a_folder_ignores_nothing(tmp_path: Path) -> None:
    made(tmp_path, "a.py", "sub/b.py")
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\0\n")
    (tmp_path / "sub/.gitignore").mkdir()

    assert paths(tmp_path) == ["a.py", "sub/b.py"]


def test_links_in_a_circle_are_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "sub/a.py")
    (tmp_path / "sub/up").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to("self.py")
    (tmp_path / "one.py").symlink_to("two.py")
    (tmp_path / "two.py").symlink_to("one.py")
    (tmp_path / "gone.py").symlink_to("nowhere.py")
    (tmp_path / ".gitignore").symlink_to(".gitignore")

    assert paths(tmp_path) == ["sub/a.py"]


def test_a_pipe_with_a_files_name_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")

    assert paths(tmp_path) == []


def test_a_folder_that_cannot_be_read_is_told_and_the_rest_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(tmp_path, "a.py", "closed/b.py", "z/c.py")
    listed = os.scandir

    def scandir(path: str | Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(files.os, "scandir", scandir)
    done = scan(tmp_path, [])

    assert (len(done.lines), [(each.path, each.reason) for each in done.problems]) == (
        2,
        [("closed", "the folder cannot be read")],
    )


@pytest.mark.parametrize("folder", ["node_modules", ".venv", "__pycache__", "lib/site-packages", ".git", "dist"])
def test_what_others_wrote_or_a_tool_made_is_left_out(tmp_path: Path, folder: str) -> None:
    assert paths(made(tmp_path, f"{folder}/a.py", "a.py")) == ["a.py"]


@pytest.mark.parametrize("folder", ["app", "environment", "app/env", "distance", ".github"])
def test_folders_with_names_of_the_projects_own_are_looked_into(tmp_path: Path, folder: str) -> None:
    assert paths(made(tmp_path, f"{folder}/a.py")) == [f"{folder}/a.py"]


def test_an_environment_by_another_name_is_known_by_its_configuration(tmp_path: Path) -> None:
    assert paths(made(tmp_path, "py/pyvenv.cfg", "py/a.py")) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.py", "python"),
        ("a.ipynb", "notebook"),
        ("Dockerfile", "docker"),
        ("Dockerfile.dev", "docker"),
        (".env", "dotenv"),
        (".env.example", "dotenv"),
        ("requirements-dev.txt", "requirements"),
        ("notes.txt", None),
        ("py", None),
        (".py", None),
    ],
)
def test_a_file_is_read_as_its_name_says(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_every_file_that_cannot_be_scanned_is_told_once_and_the_rest_is_scanned(tmp_path: Path) -> None:
    made(tmp_path, "good.py")
    (tmp_path / "good.py").write_text('open("a.txt")\n')
    (tmp_path / "two.py").write_text("print 'two'\n")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe\0")
    (tmp_path / "deep.py").write_text("(" * 3000)
    (tmp_path / "nul.py").write_bytes(b"x = 1\0\n")
    (tmp_path / "large.py").write_bytes(b"x = 1\n" * 400_000)
    (tmp_path / "no.ipynb").write_text("[]")
    done = scan(tmp_path, list(rules(only=["PATH101"])))

    assert sorted(each.path for each in done.problems) == [
        *("bytes.py", "deep.py", "large.py", "no.ipynb", "nul.py", "two.py"),
    ]
    assert [each.path for each in done.findings] == ["good.py"]


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        (["b/"], ["a.py", ".env"]),
        (["*.py", "!/b/a.py"], [".env", "b/a.py"]),
        (["/a.py", ".env"], ["b/a.py", "b/c/a.py"]),
        (["b/*", "!b/c/"], ["a.py", ".env", "b/c/a.py"]),
    ],
)
def test_what_is_excluded_is_not_read(tmp_path: Path, patterns: list[str], left: list[str]) -> None:
    made(tmp_path, "a.py", ".env", "b/a.py", "b/c/a.py")

    assert sorted(file.path for file in files_of(tmp_path, patterns)) == sorted(left)


def test_a_gitignore_does_not_bring_back_what_is_excluded(tmp_path: Path) -> None:
    made(tmp_path, "a.py", "b.py", **{".gitignore": "*.py\n!a.py\n!b.py\n"})

    assert [file.path for file in files_of(tmp_path, ["b.py"])] == ["a.py"]


@pytest.mark.ordinary_user
def test_a_folder_that_may_not_even_be_looked_into_is_told_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    (tmp_path / "private").mkdir(mode=0)
    try:
        assert [(file.path, file.kind) for file in files_of(tmp_path)] == [
            ("app.py", "python"),
            ("private", "unreadable"),
        ]
    finally:
        (tmp_path / "private").chmod(0o700)
