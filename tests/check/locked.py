"""A project with a lock, for the checks that hold it against what is installed."""

from __future__ import annotations

import json

from roadworthy.findings import Report


def uv_lock(*packages: tuple[str, str], needs: str = "", python: str = ">=3.11") -> str:
    rows = [f'version = 1\nrevision = 3\nrequires-python = "{python}"\n']
    for name, version in packages:
        rows.append(
            f'[[package]]\nname = "{name}"\nversion = "{version}"\n'
            f'source = {{ registry = "https://pypi.org/simple" }}\n'
            f"{needs if name == packages[0][0] else ''}"
            f'sdist = {{ url = "https://x/{name}-{version}.tar.gz", hash = "sha256:0", size = 1 }}\n'
        )
    return "\n".join(rows)


def pyproject(*dependencies: str, python: str = ">=3.11") -> str:
    head = f'[project]\nname = "a"\nversion = "0"\nrequires-python = "{python}"\n'
    return f"{head}dependencies = {json.dumps(dependencies)}\n"


AGENT = "agent: {command: [.venv/bin/python, main.py]}"


def told(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]
