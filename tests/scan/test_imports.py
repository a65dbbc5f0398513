"""Which files a start reads: by imports at the top, in functions, and below settings."""

from __future__ import annotations

import pytest
from tests.scan.reading import modules


def put_off(files: dict[str, str]) -> set[str]:
    """The files that no start reads, by dotted name."""
    found = modules(files)
    return {module.dotted for module in found.values() if module.project.is_put_off(module.dotted)}


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"app.py": "def answer():\n    import vision", "vision.py": ""}, {"vision"}),
        (
            {"app.py": "def answer():\n    from vision import look", "vision.py": "import words", "words.py": ""},
            {"vision", "words"},
        ),
        ({"app.py": "import os\nif os.environ.get('LOCAL'):\n    import vision", "vision.py": ""}, {"vision"}),
        ({"app/__init__.py": "", "app/a.py": "def f():\n    from . import b", "app/b.py": ""}, {"app.b"}),
    ],
)
def test_what_is_imported_in_functions_or_below_a_setting_is_put_off(files: dict[str, str], names: set[str]) -> None:
    assert put_off(files) == names


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": "import vision\ndef answer():\n    import vision", "vision.py": ""},
        {"app.py": "try:\n    import vision\nexcept ImportError:\n    vision = None", "vision.py": ""},
        {"app.py": "def answer():\n    import vision\nif __name__ == '__main__':\n    import vision", "vision.py": ""},
        {"app.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import vision", "vision.py": ""},
        {"tests/test_vision.py": "def test_it():\n    import vision", "vision.py": ""},
        {"a.py": "import b", "b.py": "import a"},
        {
            "app.py": "from vision.eyes import look\ndef f():\n    import vision",
            "vision/__init__.py": "",
            "vision/eyes.py": "",
        },
    ],
)
def test_what_a_start_reads_or_nothing_is_known_to_import_is_not_put_off(files: dict[str, str]) -> None:
    assert put_off(files) == set()
