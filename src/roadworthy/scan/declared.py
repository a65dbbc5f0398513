"""What the project's other files declare: variables, distributions, programs of images, scripts that are started."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterable
from functools import cache, cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.scan.moments import Moment, of_path

if TYPE_CHECKING:
    from roadworthy.scan.commands import Command
    from roadworthy.scan.disk import Disk
    from roadworthy.scan.document import Document
    from roadworthy.scan.facts import Package

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "requirements.lock", "Pipfile.lock", "conda-lock.yml")
UNREAD = ("Pipfile", "environment.yml", "environment.yaml", "setup.cfg", "setup.py")
"""Files that may ask for distributions and are not read."""
_APP = re.compile(r'"app"\s*:\s*"([^":]+):')
"""The `http.app` of a langgraph.json."""
_SERVED = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*(\(\))?")
"""How a server is told what to serve: `app.main:app`."""
SLIM = re.compile(r"slim|alpine|distroless|^(debian|ubuntu|alpine|busybox|scratch)\b")


class Declared:
    """All documents together."""

    def __init__(self, disk: Disk, documents: Iterable[Document] = ()) -> None:
        self.disk = disk
        self.documents = list(documents)
        self._asked: dict[str, list[Package] | None] = {}

    def of_kind(self, *kinds: str) -> list[Document]:
        """The files of these kinds that are no test's."""
        found = (each for each in self.documents if each.kind in kinds)
        return [each for each in found if of_path(each.path) is not Moment.TEST]

    @cached_property
    def variables(self) -> frozenset[str]:
        """What images, compose and Kubernetes files set."""
        found = self.of_kind("docker", "compose", "kubernetes")
        return frozenset(each.name for document in found for each in document.variables if each.is_set)

    @property
    def has_image(self) -> bool:
        """Whether a Dockerfile says what is installed."""
        return bool(self.of_kind("docker"))

    def installs(self, *names: str) -> bool:
        """Whether an image installs or is given one of these programs or packages; an unknown base image may."""
        return any(name in self._installed for name in names) or any(
            image == "?" or image in names for image in self._bases
        )

    def starts_another(self, path: str) -> bool:
        """Whether an image made in this file's folder or above starts Python, and not this file."""
        folders = _folders_above(path) if self._modules_started else []
        started = {name for folder in folders for name in self._modules_started.get(folder, ())}
        return bool(started) and path.rpartition("/")[2].removesuffix(".py") not in started

    def runs_as_program(self, path: str) -> bool:
        """Whether something starts this file itself, and so its main block: `python app/main.py`, `-m app.main`."""
        dotted = _dotted(path)
        return any(
            f".{dotted}".endswith(f".{name}") or f".{name}".endswith(f".{dotted}") for name in self._programs
        )  # an image has the project in a folder of its own

    def is_served(self, path: str) -> bool:
        """Whether a server is started with what this file makes: `gunicorn app.main:app`."""
        dotted = _dotted(path)
        return any(f".{dotted}".endswith(f".{name}") for name in self._served)

    @cached_property
    def _programs(self) -> frozenset[str]:
        return frozenset(name for words in self._started_words for name in _named_by(words, served=False))

    @cached_property
    def _served(self) -> frozenset[str]:
        return frozenset(name for words in self._started_words for name in _named_by(words, served=True))

    @cached_property
    def _started_words(self) -> list[tuple[str, ...]]:
        """The words of each command by which something may be started in production."""
        documents = self.of_kind("docker", "compose", "kubernetes", "shell", "tools", "mcp")
        found = [(each.name, *each.arguments) for document in documents for each in document.commands]
        lines = (self.disk.text("Procfile") or "").splitlines()
        return [*found, *(tuple(line.partition(":")[2].split()) for line in lines)]

    def is_mounted(self, path: str) -> bool:
        """Whether compose puts this file into an image that is not built here, and so has programs of its own."""
        name = path.rpartition("/")[2]
        mounted = (text.value for each in self.of_kind("compose") for text in each.strings if text.key == "mounted")
        return any(source.partition(":")[0].rpartition("/")[2] == name for source in mounted)

    def dependencies(self, path: str) -> list[Package] | None:
        """The distributions that files of this folder and those above ask for; None where nothing tells."""
        folder = path.rpartition("/")[0]
        if folder not in self._asked:
            self._asked[folder] = self._dependencies(path)
        return self._asked[folder]

    def _dependencies(self, path: str) -> list[Package] | None:
        above = _folders_above(path)
        found = [
            each
            for each in self.of_kind("requirements", "pyproject")
            if each.path.rpartition("/")[0] in above and of_path(each.path) is None
        ]
        if any(each.facts.is_open for each in found) or self.unread(path):
            return None
        asked = [package for each in found for package in each.packages]
        return asked if any(not each.group for each in asked) else None

    def unread(self, path: str) -> bool:
        """Whether a file in these folders may ask for more than can be read here."""
        return any(self._asks(folder, name) for folder in _folders_above(path) for name in UNREAD)

    def names_distribution(self, path: str, name: str) -> bool:
        """Whether one of the files that ask for distributions, in these folders, has this one in its list."""
        written = re.compile(rf"^\s*['\"]?{name}\b(?!\s+import)[^'\"\n]*['\"]?\s*[,\]]?\s*$", re.MULTILINE)
        asking = (*UNREAD, "pyproject.toml", "requirements.txt")
        texts = (self.disk.text(_in(folder, each)) for folder in _folders_above(path) for each in asking)
        return any(text is not None and written.search(text) for text in texts)

    def home(self, path: str) -> str:
        """The folder of what is shipped with this file: the nearest that asks for distributions or builds an image."""
        return next((folder for folder in reversed(_folders_above(path)) if folder in self._homes), "")

    def is_in_langgraph(self, path: str) -> bool:
        """Whether LangGraph's server, which says itself that it works, is told to answer with this file's app too."""
        for folder in _folders_above(path):
            told = _APP.search(self.disk.text(_in(folder, "langgraph.json")) or "")
            if told is not None and posixpath.normpath(posixpath.join(folder, told[1])) == path:
                return True
        return False

    def is_locked(self, path: str) -> bool:
        """Whether a lock file lies beside this file or above it."""
        return any(self.disk.is_file(_in(folder, name)) for folder in _folders_above(path) for name in LOCKS)

    @cached_property
    def _homes(self) -> frozenset[str]:
        return frozenset(each.path.rpartition("/")[0] for each in self.of_kind("pyproject", "requirements", "docker"))

    @cached_property
    def locked(self) -> frozenset[str]:
        """Every distribution that a lock file names."""
        return frozenset(name for lock in ("uv.lock", "poetry.lock", "pdm.lock") for name in self._names_in(lock))

    @cached_property
    def commands(self) -> frozenset[str]:
        """The project's own commands."""
        found = self.of_kind("pyproject")
        return frozenset(each.value for document in found for each in document.strings if each.key == "script")

    @cached_property
    def own_names(self) -> frozenset[str]:
        """The names by which the project and its commands are published."""
        texts = (text for document in self.of_kind("pyproject") for text in document.strings)
        return self.commands | {text.value for text in texts if text.key == "name" and text.value}

    @cached_property
    def entries(self) -> frozenset[str]:
        """The functions that the project's own commands run, by their dotted names."""
        found = (each for document in self.of_kind("pyproject") for each in document.strings if each.key == "entry")
        return frozenset(each.value.partition("[")[0].strip().replace(":", ".") for each in found)

    @cached_property
    def _installed(self) -> frozenset[str]:
        words = {word for each in self.of_kind("docker") for word in each.facts.installs}
        return frozenset(words | {word.rpartition("/")[2] for word in words})

    @cached_property
    def _bases(self) -> frozenset[str]:
        """Programs of the images that others build on; `?` for an image that is not known."""
        known, found = images(), set()
        for each in (image for document in self.of_kind("docker") for image in document.facts.images):
            # Another maker's `python` is no official one: what it holds is not known.
            name = each.removeprefix("docker.io/").removeprefix("library/").partition(":")[0].partition("@")[0]
            is_slim = SLIM.search(each) is not None
            found |= set(known["slim" if is_slim else "full"].get(name, ()))
            is_stage = ":" not in each and "/" not in each and "$" not in each
            if not is_slim and not is_stage and name not in known["full"]:
                found.add("?")
        return frozenset(found)

    @cached_property
    def started(self) -> frozenset[str]:
        """The last words of what containers and tools start."""
        found: set[str] = set()
        for document in self.of_kind("docker", "compose", "kubernetes", "tools", "mcp"):
            for command in document.commands:
                found |= {word.rpartition("/")[2] for word in (command.program, *command.arguments)}
        return frozenset(found)

    @cached_property
    def _modules_started(self) -> dict[str, set[str]]:
        """Folder of a Dockerfile → the last words of the modules that its image starts."""
        found: dict[str, set[str]] = {}
        for each in self.of_kind("docker"):
            names = {name for command in each.commands for name in _modules_of(command)}
            found.setdefault(each.path.rpartition("/")[0], set()).update(names)
        return found

    @cached_property
    def modules_named(self) -> frozenset[str]:
        """Modules that services, jobs, scripts and tools start."""
        documents = self.of_kind("compose", "kubernetes", "shell", "tools", "mcp")
        commands = (command for document in documents for command in document.commands)
        return frozenset(name for command in commands for name in _modules_of(command))

    def _asks(self, folder: str, name: str) -> bool:
        if not self.disk.is_file(_in(folder, name)):
            return False
        return name not in ("setup.py", "setup.cfg") or "install_requires" in (self.disk.text(_in(folder, name)) or "")

    def _names_in(self, lock: str) -> Iterable[str]:
        found: set[str] = set()
        for folder in {"", *(each.path.rpartition("/")[0] for each in self.of_kind("pyproject"))}:
            told = self.disk.text(_in(folder, lock)) or ""
            found |= {name.lower().replace("_", "-") for name in re.findall(r'^name = "([^"]+)"', told, re.MULTILINE)}
        return found


@cache
def images() -> dict[str, dict[str, list[str]]]:
    """Programs of well-known base images beyond those of a slim Debian: `full` and `slim`, by the image's name."""
    table: Any = tomllib.loads(files("roadworthy.data").joinpath("binaries.toml").read_text("utf-8"))
    found: dict[str, dict[str, list[str]]] = {"full": {}, "slim": {}}
    for row in table["image"]:
        for name in row["names"]:
            found[row["kind"]][name] = row["programs"]
    return found


def _modules_of(command: Command) -> Iterable[str]:
    """The last words of the modules that a command runs: `python app/main.py`, `python -m app.main`, `app.main:app`."""
    if re.fullmatch(r"(python|uvicorn|gunicorn|hypercorn|flask|fastapi)[\d.]*|uv|poetry", command.name) is None:
        return
    for before, word in zip(("", *command.arguments), command.arguments, strict=False):
        name = word.partition(":")[0].removesuffix(".py").replace("/", ".").rpartition(".")[2]
        if name.isidentifier() and (word.endswith(".py") or before == "-m" or ":" in word):
            yield name


def _named_by(words: tuple[str, ...], *, served: bool) -> Iterable[str]:
    """The dotted names of the files that a command runs as programs or, `served`, takes an application from."""
    for before, word in zip(("", *words), words, strict=False):
        if served and before != "-m" and _SERVED.fullmatch(word):
            yield word.partition(":")[0]
        elif not served and (before == "-m" or word.endswith(".py")):
            yield posixpath.normpath(word).removesuffix(".py").strip("/").replace("/", ".")


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__main__").replace("/", ".")


def _folders_above(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
