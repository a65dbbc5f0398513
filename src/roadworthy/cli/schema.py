"""`roadworthy schema`: the JSON Schema of the manifest, for editors, or of the report, for its readers."""

from __future__ import annotations

import click


@click.command
@click.option("--report", is_flag=True, help="The report's schema instead of the manifest's.")
def command(report: bool) -> None:
    """Print the JSON Schema of the manifest or of the report."""
    if report:
        from roadworthy.report.json_report import schema_text

        click.echo(schema_text(), nl=False)
    else:
        from roadworthy.manifest.schema import document

        click.echo(document(), nl=False)
