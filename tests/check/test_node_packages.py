"""DEP201: what stands in node_modules is what package-lock.json fixes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from roadworthy.findings import Outcome, Report

Checked = Callable[..., Report]


def told(report: Report) -> list[str]:
    return [finding.message for finding in report.findings]


@pytest.fixture
def node_project(tmp_path: Path) -> Callable[..., None]:
    def make(packages: dict[str, dict[str, object]], installed: dict[str, str], dependencies: Iterable[str]) -> None:
        rows = {"": {"dependencies": dict.fromkeys(dependencies, "^1")}}
        rows |= {f"node_modules/{name}": row for name, row in packages.items()}
        (tmp_path / "package-lock.json").write_text(json.dumps({"lockfileVersion": 3, "packages": rows}))
        for name, version in installed.items():
            folder = tmp_path / "node_modules" / name
            folder.mkdir(parents=True)
            (folder / "package.json").write_text(json.dumps({"name": name, "version": version}))

    return make


NODE = "agent: {command: [node, server.js]}"


def test_packages_of_node_that_differ_are_told(checked: Checked, node_project: Callable[..., None]) -> None:
    packages = {"openai": {"version": "5.0.0"}, "express": {"version": "5.1.0"}, "@a/b": {"version": "1.0.0"}}
    node_project(packages, {"express": "4.0.0", "@a/b": "1.0.1"}, ["openai", "express"])

    report = checked("DEP201", NODE)

    assert told(report) == [
        "openai is not installed, package-lock.json has 5.0.0",
        "express 4.0.0 is installed, package-lock.json has 5.1.0",
        "@a/b 1.0.1 is installed, package-lock.json has 1.0.0",
    ]
    assert report.findings[0].commands == ("npm ci --omit=dev",)


def test_packages_of_node_for_development_or_another_platform_are_passed_over(
    checked: Checked, node_project: Callable[..., None]
) -> None:
    packages = {
        "express": {"version": "5.1.0"},
        "vitest": {"version": "3.0.0", "dev": True},
        "fsevents": {"version": "2.3.3", "optional": True, "os": ["darwin"]},
        "mine": {"resolved": "packages/mine", "link": True},
        "brought": {"version": "1.0.0"},
    }
    node_project(packages, {"express": "5.1.0", "vitest": "2.0.0"}, ["express"])

    report = checked("DEP201", NODE)

    assert report.findings == ()
    assert report.checks[0].reason == "1 packages as package-lock.json has them"


def test_a_package_that_npm_has_put_there_and_that_is_gone_is_told(
    checked: Checked, node_project: Callable[..., None], tmp_path: Path
) -> None:
    packages = {
        "express": {"version": "5.1.0"},
        "brought": {"version": "1.0.0"},
        "other-libc": {"version": "1.0.0", "libc": ["musl"]},
    }
    node_project(packages, {"express": "5.1.0"}, ["express"])
    (tmp_path / "node_modules" / ".package-lock.json").write_text("{}")

    assert told(checked("DEP201", NODE)) == ["brought is not installed, package-lock.json has 1.0.0"]


def test_a_lock_of_yarn_is_not_tested(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").touch()

    (line,) = checked("DEP201", NODE).checks

    assert (line.verdict, line.fix) == (Outcome.NOT_TESTED, "yarn install --immutable")
