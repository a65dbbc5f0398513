"""Rules of BIN: programs that the source starts and production may not have, or has another one of."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from roadworthy.hazards.binaries import hazard
from roadworthy.scan.commands import BUILTINS, OWN_WORDS, TAKES_VALUE
from roadworthy.scan.document import Document
from roadworthy.scan.moments import Moment, is_for_a_terminal, is_in_a_template
from roadworthy.scan.packages import normalized
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.commands import Command
    from roadworthy.scan.module import Call, Module
    from roadworthy.scan.project import Project
    from roadworthy.scan.questions import Questions

STARTING = ("python", "shell", "tools", "mcp")
_OTHER_SYSTEM = re.compile(r"\.(exe|bat|cmd|ps1)$", re.IGNORECASE)
_DESKTOP = frozenset({"open", "osascript", "pbcopy", "pbpaste", "say", "afplay", "cmd", "powershell", "start", "where"})
"""Programs of another system, which code starts where it has found itself there."""
_ASKS_SYSTEM = re.compile(r"platform|os\.name|\bwin32\b|[Dd]arwin|is_(mac|windows)|sys_name|\bsystem\b")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*$")
_ABSENT = re.compile(r"not (be )?(found|installed|available)|install|download|missing", re.IGNORECASE)
"""Words to a person who lacks a program."""
_MACOS = frozenset({"osascript", "pbcopy", "pbpaste", "say", "afplay", "screencapture", "sips", "mdfind", "defaults"})
"""Programs that no package brings."""
_FOR_A_MAC = re.compile(r"mac(os)?(/|_|\.)|darwin|apple", re.IGNORECASE)
_LINUX_DESKTOP = frozenset({"xdg-open", "notify-send", "xclip", "xsel", "xdotool"})
"""What a Linux desktop has, and no image unless it is installed there."""
_DEVELOPERS = frozenset(
    {
        *("git", "gh", "docker", "docker-compose", "podman", "npx", "npm", "node", "pnpm", "yarn", "bun", "bunx"),
        *("uv", "uvx", "poetry", "make", "kubectl", "helm", "terraform", "aws", "gcloud", "az", "code", "cursor"),
    }
)
"""Programs of a developer's machine, which a command-line tool works with there."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that one of the two families of programs has."""

    program: str
    pattern: str
    only: str
    form: str
    happens: str
    instead: str
    busybox: bool = True


@hazard.rule("BIN101", "program that nobody declares or installs", of=(*STARTING, "docker", "compose"))
def undeclared(file: Module | Document) -> Iterator[Finding]:
    """A program is started that the manifest does not declare and that a slim image does not have.

    Without `binaries:` in the manifest, a Dockerfile that installs it is enough. Found behind pipes, `sudo`, `env`,
    `xargs`, `find -exec` and `sh -c` too, and in what an image's health is asked with (`HEALTHCHECK`); told once for
    each program in a file. Quiet for programs that come with a
    Python dependency, for the project's own scripts, where the file asks first whether the program is there
    (`shutil.which`, `command -v`), tells a person that it is not or asks which system it runs on, for what is mounted
    into an image of another maker's, for a mapping of tool servers that no client of this project's is handed, for
    a developer's programs (git, docker, npx) in a command-line tool, and in examples, templates and scripts that only
    developers run.

    Why: a laptop has ripgrep, git, jq and curl; a slim image has none of them.

    Mend: declare it under `binaries:` and install its package in the image.
    """
    if file.kind == "shell" and file.project.declared.is_mounted(file.path):
        return
    seen: set[str] = set()
    commands = _commands_of(file)
    asked = {each.name for each in commands if each.how == "asked" or _tells_of_its_absence(each)}
    for command in commands:
        name = command.name
        if command.how == "asked" or name in seen or name in asked or not is_a_program(command):
            continue
        moment = file.moment(command.at)
        if _is_a_tools_own(file, name, moment) or (file.kind in ("tools", "mcp") and is_in_a_template(file.path)):
            continue
        if moment is Moment.EXAMPLE or (file.kind == "shell" and moment is Moment.UNKNOWN):
            continue
        if is_there(name, file) or is_for_another_system(command):
            continue
        seen.add(name)
        declared = file.project.manifest is not None
        yield file.finding(
            command.at,
            f"starts `{name}`, which {_who(file.project)}",
            why=f"a slim image has no {name}: {_without(file.kind)}",
            fix=_mend(name, declared=declared, is_alpine=_is_alpine(file.project)),
        )


@hazard.rule("BIN102", "flag that BSD and GNU do not share", of=STARTING)
def other_flags(file: Module | Document) -> Iterator[Finding]:
    """A program is started with a flag that macOS' version has and Linux' has not.

    A form that only GNU has works in a Debian image, and is told where the image is Alpine and its busybox lacks it.

    Why: the same command does something else in production: `sed -i ''` takes the script for a file's name.

    Mend: the form that both have, or the one of production's.
    """
    known = flags()
    for command in file.commands:
        moment = file.moment(command.at)
        if command.name not in known or moment is Moment.EXAMPLE or is_for_another_system(command):
            continue
        told = " ".join(each or "''" for each in command.arguments)
        for flag in known[command.name]:
            has_it = flag.only == "GNU" and (flag.busybox or not _is_alpine(file.project))
            if has_it or not re.search(flag.pattern, told):
                continue
            yield file.finding(
                command.at,
                f"`{flag.form}` works with {flag.only}'s {flag.program} only",
                why=flag.happens,
                fix=f"write `{flag.instead}`",
            )
            break


@cache
def flags() -> dict[str, list[Flag]]:
    """The flags that the two families do not share, by program."""
    found: dict[str, list[Flag]] = {}
    for row in tomllib.loads(_data("flags.toml"))["flag"]:
        found.setdefault(row["program"], []).append(Flag(**row))
    return found


@cache
def table() -> dict[str, Any]:
    """What is known of programs and their packages."""
    return tomllib.loads(_data("binaries.toml"))


@cache
def slim() -> frozenset[str]:
    """The programs of a slim image, and what a shell does itself."""
    names = {"slim-binaries-bookworm.txt", "slim-binaries-python-bookworm.txt"}
    found = {line.strip() for name in names for line in _data(name).splitlines()}
    return frozenset(found | set(table()["runtime"]["python"])) | BUILTINS


def is_there(name: str, file: Module | Document) -> bool:
    """Whether production has this program, as far as the project says."""
    project = file.project
    if name in slim() or name in project.declared.commands:
        return True
    if re.fullmatch(r"(python|pip)[\d.]*", name):
        return not _is_another_python(name, project)
    manifest = project.manifest
    if manifest is not None and manifest.binaries:
        if name in manifest.binaries:
            return True
    elif project.declared.installs(name, *packages_of(name), *table()["others"].get(name, ())):
        return True
    provider = table()["distribution"].get(name, normalized(name))
    asked = project.declared.dependencies(file.path) or []
    return any(package.name == provider and package.group != "dev" for package in asked)


def _is_another_python(name: str, project: Project | Questions) -> bool:
    """Whether it names a version, `python3.9`, and every image is of another one."""
    version = name.removeprefix("python")
    versions = [found for image in _images(project) if (found := re.search(r"\bpython:(\d+\.\d+)", image))]
    return (
        "." in version
        and bool(versions)
        and all(found.group(1) != version for found in versions)
        and not project.declared.installs(name)
    )


def packages_of(name: str) -> tuple[str, ...]:
    """The Debian and Alpine packages that bring a program."""
    return tuple(each for each in table()["program"].get(name, [])[:2] if each)


def _commands_of(file: Module | Document) -> list[Command]:
    """What it starts; of an image and its service only what asks for its health: the rest is its makers' to know."""
    if isinstance(file, Document) and file.kind in ("docker", "compose"):
        return [each for each in file.checks if each.name in table()["program"]]
    return file.commands


def is_a_program(command: Command) -> bool:
    """A name to be looked up, or one in a system's folder; no path of the project's, and nothing with a hole."""
    if not command.is_known or _OTHER_SYSTEM.search(command.program) or not _PROGRAM.match(command.name):
        return False
    if command.name in TAKES_VALUE and command.name in ("exec", "command", "builtin", "time", *OWN_WORDS):
        return command.name in ("gosu", "su-exec")
    return "/" not in command.program or command.program.startswith(("/usr/", "/bin/", "/opt/homebrew/", "/sbin/"))


def _is_a_tools_own(file: Module | Document, name: str, moment: Moment) -> bool:
    """Whether a command-line tool starts a program that whoever develops with it has."""
    is_a_tools = moment is Moment.COMMAND or (is_for_a_terminal(file.path) and moment is not Moment.REQUEST)
    return file.kind == "python" and name in _DEVELOPERS and is_a_tools


def is_for_another_system(command: Command) -> bool:
    """Whether the code around it has asked which system it runs on, or whether the program is there."""
    node = getattr(command.at, "node", None)
    if node is None:
        return False
    if command.name in _DESKTOP and _asks_anywhere(command.at):
        return True
    if command.name in _MACOS and _FOR_A_MAC.search(command.at.module.path):
        return True
    if command.name in _LINUX_DESKTOP and _is_in_an_image(command.at):
        return False  # asked which system it is, an image says Linux
    inner: ast.AST = node
    for around in above(node):
        if isinstance(around, (ast.If, ast.IfExp)) and inner is not around.test:
            test = ast.unparse(around.test)
            if _ASKS_SYSTEM.search(test) or "which(" in test:
                return True
        elif isinstance(around, ast.match_case) and isinstance(around.pattern, ast.MatchValue):
            if _ASKS_SYSTEM.search(ast.unparse(around.pattern)):
                return True
        elif isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return bool(re.search(r"_(windows|win32|macos|mac|darwin|osx)\b", around.name))
        inner = around
    return False


def _is_in_an_image(call: Call) -> bool:
    """Whether an image of the project runs this, and no person at a terminal of their own."""
    module = call.module
    if not module.project.declared.has_image or is_for_a_terminal(module.path):
        return False
    return module.moment(call) in (Moment.REQUEST, Moment.START, Moment.UNKNOWN)


def _tells_of_its_absence(command: Command) -> bool:
    """Whether a handler around names the program to somebody, and says that it is not installed."""
    node = getattr(command.at, "node", None)
    tries = [each for each in above(node) if isinstance(each, ast.Try)] if node is not None else []
    for handler in (each for around in tries for each in around.handlers):
        kinds = "Exception" if handler.type is None else ast.unparse(handler.type)
        if not re.search(r"Exception|FileNotFoundError|OSError", kinds):
            continue
        said = " ".join(str(each.value) for each in ast.walk(handler) if isinstance(each, ast.Constant))
        if command.name.lower() in said.lower() and _ABSENT.search(said):
            return True
    return False


def _asks_anywhere(call: Call) -> bool:
    return any(name in call.module.source for name in ("sys.platform", "platform.system", "os.name"))


def _who(project: Project | Questions) -> str:
    if project.manifest is not None and project.manifest.binaries:
        return "the manifest does not declare"
    if project.manifest is not None:
        return "neither the manifest declares nor an image installs"
    return "no Dockerfile of the project installs" if project.declared.has_image else "a slim image does not have"


def _without(kind: str) -> str:
    return {
        "python": "FileNotFoundError, or status 127 from a shell",
        "mcp": "the tool server does not start",
        **dict.fromkeys(("docker", "compose"), "no check of its health succeeds, and it is taken for broken"),
    }.get(kind, "`command not found`, status 127")


def _mend(name: str, *, declared: bool, is_alpine: bool) -> str:
    if name in _MACOS:
        return "it is macOS' own, and no image has it: ask `sys.platform` first, and do without it elsewhere"
    row = table()["program"].get(name)
    package = row[1 if is_alpine else 0] if row else ""
    install = f"apk add --no-cache {package}" if is_alpine else f"apt-get install -y --no-install-recommends {package}"
    installing = f"install it in the image: `RUN {install}`" if package else "install it in the image"
    return f'declare it, `binaries: {{{name}: "*"}}`, and {installing}' if declared else installing


def _is_alpine(project: Project | Questions) -> bool:
    return any("alpine" in image for image in _images(project))


def _images(project: Project | Questions) -> list[str]:
    return [image for each in project.declared.of_kind("docker") for image in each.facts.images]


def _data(name: str) -> str:
    return files("roadworthy.data").joinpath(name).read_text("utf-8")
