"""What a project's manifest says of its scan: which rules are applied, and what is told of which files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.hazards import Chosen
from roadworthy.manifest.loading import NoManifestError, read
from roadworthy.manifest.mistakes import ManifestError, quoted
from roadworthy.manifest.nearest import mends_for_choice
from roadworthy.manifest.reading import dotted
from roadworthy.scan.files import patterns

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.hazards.hazard import Rule
    from roadworthy.manifest.model import Manifest, Scan
    from roadworthy.manifest.reading import Path as KeyPath
    from roadworthy.manifest.reading import Reading


def manifest_of(root: Path) -> Manifest | None:
    """The project's manifest, if it has one, which for a scan needs no agent.

    Raises ManifestError with all of its mistakes, and for a rule under `scan` that does not exist.
    """
    try:
        manifest, reading = read(root, agent_needed=False)
    except NoManifestError:
        return None
    _check_codes(manifest.scan, reading)
    return manifest


def applied(settings: Scan, select: Iterable[str], ignore: Iterable[str]) -> Sequence[Rule]:
    """The rules to apply: what the command line selects takes the place of what the project does."""
    if select := tuple(select):
        return Chosen(select, ignore)
    return Chosen(settings.select, (*settings.ignore, *ignore))


def without_ignored(findings: Iterable[Finding], settings: Scan) -> list[Finding]:
    """The findings without those that `per_file_ignores` keeps quiet."""
    quiet = [(spec, codes) for each, codes in settings.per_file_ignores.items() if (spec := patterns([each]))]
    return [
        finding
        for finding in findings
        if not any(finding.code.startswith(codes) and spec.match_file(finding.path or "") for spec, codes in quiet)
    ]


def excluded(settings: Scan, root: Path, paths: Iterable[Path]) -> list[str]:
    """Those of these paths that are not read because `exclude` names them, or a folder around them."""
    spec = patterns(settings.exclude)
    below = [path.relative_to(root).as_posix() for path in paths if path != root and path.is_relative_to(root)]
    return [] if spec is None else [path for path in below if spec.match_file(path) or spec.match_file(f"{path}/")]


def _check_codes(settings: Scan, reading: Reading) -> None:
    given = list(_codes(settings))
    if not given:
        return  # and no rule needs to be loaded
    from roadworthy.hazards import rules

    known = [rule.code for rule in rules()]
    hazards = dict.fromkeys(rule.hazard for rule in rules())
    for path, code in given:
        if not any(each.startswith(code) for each in known):
            mends = mends_for_choice(code, [*hazards, *known]) or ("`roadworthy explain` lists them",)
            reading.mistakes.note(reading.nodes[path].at, f"{dotted(path)}: there is no rule {quoted(code)}", *mends)
    if reading.mistakes.found:
        raise ManifestError(reading.mistakes.found)


def _codes(settings: Scan) -> Iterator[tuple[KeyPath, str]]:
    for key in ("select", "ignore"):
        yield from (((*("scan", key), number), code) for number, code in enumerate(getattr(settings, key)))
    for pattern, codes in settings.per_file_ignores.items():
        yield from ((("scan", "per_file_ignores", pattern, number), code) for number, code in enumerate(codes))
