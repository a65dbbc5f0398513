"""Source texts read as the files of one project."""

from __future__ import annotations

from pathlib import Path

from roadworthy.scan import dockerfile, shell
from roadworthy.scan.document import Document
from roadworthy.scan.module import Module
from roadworthy.scan.project import Project
from roadworthy.scan.summary import summary_of


def modules(files: dict[str, str], images: dict[str, str] | None = None) -> dict[str, Module]:
    """The files of a project, each knowing the others, and the Dockerfiles and scripts in `images`."""
    project = Project(Path())
    found = {}
    for path, text in files.items():
        parts = path.removesuffix(".py").split("/")
        package = ".".join(parts[:-1])
        found[path] = Module(path, text, project, package if parts[-1] == "__init__" else ".".join(parts), package)
    documents = [
        Document(path, "docker", text, dockerfile.facts_of(text), project)
        if path.endswith("Dockerfile")
        else Document(path, "shell", text, shell.facts_of(text), project)
        for path, text in (images or {}).items()
    ]
    project.learn_documents(documents)
    project.learn([summary_of(module) for module in found.values()])
    for module in found.values():
        module.forget()
    return found
