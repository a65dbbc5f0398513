"""The developer's `.env`, read as python-dotenv's `load_dotenv()` would read it for the agent."""

from __future__ import annotations

from pathlib import Path

from roadworthy.errors import UsageError


def environment_file(root: Path) -> dict[str, str]:
    """The variables in `root/.env`; none where there is no such file.

    `${VAR}` in a value is one of the file's own variables, else one of this process. A name without `=` has
    no value and is left out. Raises UsageError where the file cannot be read.
    """
    return _values(root / ".env")


def variables_in(path: Path) -> dict[str, str]:
    """The variables in the file `path`, which must be there, as in `environment_file`."""
    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    return _values(path)


def _values(path: Path) -> dict[str, str]:
    from dotenv import dotenv_values

    try:
        found = dotenv_values(path, encoding="utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: not UTF-8 text (byte {error.start + 1})\n  save it as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from error
    return {name: value for name, value in found.items() if value is not None}
