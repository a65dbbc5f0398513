"""The project as an image holds it: git's modes, without what `.dockerignore` and nobody should name."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from roadworthy.rehearsal.stage.project import (
    Image,
    _docker_ignored,
    build_image,
    copy_for_laptop,
    environment_files,
    runtime_folders,
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def write(project: Path, **files: str) -> None:
    for name, text in files.items():
        put(project / name, text)


def put(file: Path, text: str = "") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def image(project: Path, *, obeys_dockerignore: bool = True, writable: tuple[str, ...] = ()) -> Image:
    return build_image(project, project.parent / "image", obeys_dockerignore=obeys_dockerignore, writable=writable)


def files_of(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()}


@pytest.mark.parametrize(
    ("patterns", "ignored", "kept"),
    [
        ("notes", ["notes", "notes/a.txt"], ["deep/notes", "notes.md"]),
        ("/notes", ["notes", "notes/a.txt"], ["deep/notes"]),
        ("notes/", ["notes", "notes/a.txt"], ["deep/notes"]),
        ("./notes", ["notes"], ["deep/notes"]),
        ("deep/../notes", ["notes"], ["deep/notes"]),
        ("*.md", ["a.md"], ["deep/a.md", "a.mdx"]),
        ("**/*.md", ["a.md", "deep/a.md", "deep/er/a.md"], ["a.txt"]),
        ("*/temp*", ["deep/temp", "deep/temporary.txt"], ["temp", "deep/er/temp"]),
        ("temp?", ["temp1"], ["temp", "temp12"]),
        ("*", ["a", "deep/a"], []),
        ("*.md\n!README.md", ["a.md"], ["README.md"]),
        ("README.md\n!README.md\nREADME.md", ["README.md"], []),
        ("docs\n!docs/kept.md", ["docs/a.md"], ["docs/kept.md"]),
        ("*\n!src", ["a", "deep/a"], ["src/a", "src/deep/a"]),
        ("docs/*", ["docs/a", "docs/deep/a"], ["docs", "deep/docs/a"]),
        ("**/temp", ["temp", "deep/temp", "deep/temp/a"], ["temperature"]),
        ("# notes\n\n  \nnotes", ["notes"], ["# notes"]),
        ("  notes  ", ["notes"], ["deep/notes"]),
        ("! notes", [], ["notes"]),
        ("\ufeffnotes", ["notes"], []),
        ("a/b", ["a/b", "a/b/c"], ["a", "b", "x/a/b"]),
        (".\n/\n!\n", [], ["a"]),
    ],
)
def test_dockers_patterns(patterns: str, ignored: list[str], kept: list[str], project: Path) -> None:
    put(project / ".dockerignore", patterns)
    is_ignored = _docker_ignored(project)

    assert [path for path in ignored if not is_ignored(path)] == []
    assert [path for path in kept if is_ignored(path)] == []


@given(st.text(max_size=80) | st.text(alphabet="\\\\/!*?[]a #\n", max_size=12))
@example("\\\\")
def test_any_dockerignore_is_borne(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ".dockerignore").write_text(text.encode("utf-8", "replace").decode())
        assert _docker_ignored(Path(folder))("a/b.txt") in (True, False)


def test_an_image_leaves_out_what_is_ignored_and_a_checkout_does_not(project: Path) -> None:
    put(project / ".dockerignore", "*.md\ndata\n")
    for name in ("main.py", "a.md", "data/x", "sub/b.md"):
        put(project / name)

    assert files_of(image(project).folder) == {".dockerignore", "main.py", "sub/b.md"}
    checkout = build_image(project, project.parent / "checkout", obeys_dockerignore=False, writable=())
    assert files_of(checkout.folder) == {".dockerignore", "main.py", "a.md", "data/x", "sub/b.md"}


def test_environment_files_history_and_caches_are_never_in_it(project: Path) -> None:
    for name in (".env", ".env.local", "sub/.env.prod", ".envrc", ".git/config", "__pycache__/a.pyc", ".mypy_cache/x",
                 "env.py", "sub/a.env", "main.py"):  # fmt: skip
        put(project / name)

    assert files_of(image(project).folder) == {"env.py", "sub/a.env", "main.py"}


def test_environment_files_are_found_wherever_they_are(project: Path) -> None:
    for name in (".env", "sub/.env.local", "node_modules/x/.env", ".git/.env", "a.env"):
        put(project / name)
    put(project / "venv" / "pyvenv.cfg")
    put(project / "venv" / ".env")

    assert set(environment_files(project)) == {".env", "sub/.env.local"}


def test_modes_are_gits_and_for_what_git_does_not_know_the_files_own(project: Path) -> None:
    for name in ("known.sh", "forgotten.sh", "new.sh", "plain.txt"):
        put(project / name, "#!/bin/sh\n").chmod(0o700)
    (project / "plain.txt").chmod(0o606)
    git(project, "init", "-q")
    git(project, "add", "known.sh", "forgotten.sh")
    git(project, "update-index", "--chmod=-x", "forgotten.sh")

    folder = image(project).folder

    modes = {
        name: (folder / name).stat().st_mode & 0o777 for name in ("known.sh", "forgotten.sh", "new.sh", "plain.txt")
    }
    assert modes == {"known.sh": 0o755, "forgotten.sh": 0o644, "new.sh": 0o755, "plain.txt": 0o644}


def test_modes_of_a_project_below_the_top_of_its_checkout(project: Path) -> None:
    put(project / "agent" / "ünï cödé.sh").chmod(0o644)
    git(project, "init", "-q")
    git(project, "add", ".")
    git(project, "update-index", "--chmod=+x", "agent/ünï cödé.sh")

    folder = build_image(project / "agent", project / "image", obeys_dockerignore=True, writable=()).folder

    assert (folder / "ünï cödé.sh").stat().st_mode & 0o777 == 0o755


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def test_every_user_may_read_the_copy_whatever_the_umask(project: Path) -> None:
    put(project / "deep" / "er" / "a.txt").chmod(0o600)
    before = os.umask(0o077)
    try:
        folder = image(project, writable=("data/here",)).folder
    finally:
        os.umask(before)

    assert (folder / "deep/er/a.txt").stat().st_mode & 0o777 == 0o644
    for place in (folder, folder / "deep", folder / "deep/er", folder / "data", folder / "data/here"):
        assert place.stat().st_mode & 0o777 == 0o755


def test_links_stay_links_and_what_is_no_file_stays_out(project: Path) -> None:
    put(project / "a.txt", "a")
    (project / "link").symlink_to("a.txt")
    (project / "dangling").symlink_to("nowhere")
    (project / "folder").symlink_to("/usr")
    os.mkfifo(project / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(project)
        server.bind("socket")

    folder = image(project).folder

    assert files_of(folder) == {"a.txt", "link", "dangling", "folder"}
    assert (folder / "folder").readlink() == Path("/usr")


@pytest.mark.ordinary_user
def test_what_the_developer_cannot_read_is_left_out(project: Path) -> None:
    put(project / "closed.txt").chmod(0)
    put(project / "folder" / "a.txt")
    (project / "folder").chmod(0)

    assert files_of(image(project).folder) == set()


def test_environments_are_made_anew_and_shown_from_the_original(project: Path) -> None:
    put(project / ".venv" / "pyvenv.cfg")
    put(project / ".venv" / "lib" / "x.py")
    put(project / "web" / "node_modules" / "x" / "index.js")
    put(project / "main.py")

    made = image(project)

    assert set(made.runtime) == {".venv", "web/node_modules"} == set(runtime_folders(project))
    assert files_of(made.folder) == {"main.py"}
    assert (made.folder / ".venv").is_dir()
    assert (made.folder / "web" / "node_modules").is_dir()


def test_a_project_that_is_an_environment_itself_is_still_a_project(project: Path) -> None:
    put(project / "pyvenv.cfg")
    put(project / "main.py")

    assert runtime_folders(project) == ()
    assert "main.py" in files_of(image(project).folder)


def test_declared_folders_exist_in_the_copy_and_files_keep_their_content(project: Path) -> None:
    put(project / "state.db", "content")

    folder = image(project, writable=("data/new", "state.db")).folder

    assert (folder / "data" / "new").is_dir()
    assert (folder / "state.db").read_text() == "content"


def test_the_laptops_copy_holds_everything_but_environments(project: Path) -> None:
    for name in (".env", "a.md", "deep/b.sh"):
        put(project / name)
    put(project / ".dockerignore", "*.md")
    (project / "deep" / "b.sh").chmod(0o751)
    os.mkfifo(project / "fifo")
    put(project / ".venv" / "pyvenv.cfg")

    runtime = copy_for_laptop(project, project.parent / "copy")

    assert runtime == (".venv",)
    assert files_of(project.parent / "copy") == {".env", "a.md", ".dockerignore", "deep/b.sh"}
    assert (project.parent / "copy" / "deep" / "b.sh").stat().st_mode & 0o777 == 0o751
