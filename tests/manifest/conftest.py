"""Manifests from text."""

from collections.abc import Callable
from pathlib import Path

import pytest

from roadworthy.manifest.loading import load
from roadworthy.manifest.mistakes import ManifestError
from roadworthy.manifest.model import Manifest


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Manifest]:
    # The examples in the docs name it.
    (tmp_path / "conversation.yaml").write_text("- reply: {text: a}\n")

    def loaded(text: str, name: str = "roadworthy.yaml") -> Manifest:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return load(path)

    return loaded


@pytest.fixture
def mistakes(tmp_path: Path, loaded: Callable[..., Manifest]) -> Callable[..., list[str]]:
    """The mistakes in a text, each as it is shown but for the folder."""

    def mistakes(text: str, name: str = "roadworthy.yaml") -> list[str]:
        with pytest.raises(ManifestError) as caught:
            loaded(text, name)
        return [str(mistake).removeprefix(f"{tmp_path}/") for mistake in caught.value.mistakes]

    return mistakes
