"""Small projects, written from what a test says, and the manifest that init writes for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent

import pytest

from roadworthy.init.discovery import drafted
from roadworthy.init.guess import Draft
from roadworthy.init.manifest_file import first
from roadworthy.manifest.loading import load, loads
from roadworthy.manifest.model import Manifest

Tree = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write a project of these files, by path, and give its folder."""

    def write(files: Mapping[str, str]) -> Path:
        root = tmp_path / "project"
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(dedent(text).lstrip("\n"))
        return root

    return write


@pytest.fixture
def draft(tree: Tree) -> Callable[[Mapping[str, str]], Draft]:
    return lambda files: drafted(tree(files), {})


@pytest.fixture
def text_of(tree: Tree) -> Callable[[Mapping[str, str]], str]:
    """The manifest's text; it is one that loads."""

    def write(files: Mapping[str, str]) -> str:
        root = tree(files)
        text = first(root, {}).after
        loads(root / "roadworthy.yaml", text)
        return text

    return write


@pytest.fixture
def manifest_of(tree: Tree) -> Callable[[Mapping[str, str]], Manifest]:
    """The manifest as every verb reads it."""

    def write(files: Mapping[str, str]) -> Manifest:
        root = tree(files)
        first(root, {}).save()
        return load(root)

    return write
