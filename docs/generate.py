"""Write anew what is generated: docs/manifest.md, docs/scenarios.md, docs/rules.md, the schemas in the package."""

from __future__ import annotations

import runpy
import sys

MODULES = ("roadworthy.manifest.schema", "roadworthy.hazards.page", "roadworthy.report.json_report")


def main() -> None:
    """Each module that keeps a generated file has `--write`."""
    sys.argv = ["generate", "--write"]
    for module in MODULES:
        runpy.run_module(module, run_name="__main__")


if __name__ == "__main__":
    main()
