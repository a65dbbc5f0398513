"""A project that does not use the plugin pays for two small imports, and for nothing else."""

from __future__ import annotations

from tests.testing.project import Project


def test_nothing_is_imported_until_it_is_used(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        import sys

        def pytest_sessionfinish():
            ours = sorted(name for name in sys.modules if name.startswith(("roadworthy", "uvloop", "yaml")))
            print("imported:", ours)
        """,
    )
    project.write("roadworthy.yaml", "this is: [no manifest")
    project.write("test_it.py", "def test_it(): pass")

    ran = project.run("-s")

    assert ran.outcomes == {"passed": 1}, ran.text
    assert "imported: ['roadworthy', 'roadworthy.testing', 'roadworthy.testing.plugin']" in ran.text
