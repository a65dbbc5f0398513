"""Write anew what is generated: the pages of the manifest, scenarios, rules and checks, and the schemas."""

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
