"""The names of lock files: whether one is there is known before what reads them is loaded."""

from __future__ import annotations

from pathlib import Path

NAMES = {
    "uv.lock": "uv sync --frozen",
    "poetry.lock": "poetry sync",
    "pdm.lock": "pdm sync",
    "Pipfile.lock": "pipenv sync",
    "pylock.toml": "uv pip sync pylock.toml",
}
"""Lock files, and what installs just what is in them."""
REQUIREMENTS = (
    "requirements.txt",
    "requirements.lock",
    "requirements-lock.txt",
    "requirements-prod.txt",
    "requirements-production.txt",
    "requirements/prod.txt",
    "requirements/production.txt",
    "requirements/base.txt",
)
"""Lists of requirements for production; the first that is there counts."""


def has_lock(root: Path) -> bool:
    """Whether a project has a file that may be a lock."""
    return any((root / name).is_file() for name in (*NAMES, *REQUIREMENTS))
