"""PATH103: paths of one person's machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from roadworthy.hazards.paths import hazard
from roadworthy.scan.tree import above

if TYPE_CHECKING:
    from roadworthy.findings import Finding
    from roadworthy.scan.module import Module

_DEVELOPERS = re.compile(
    r"(?:^|[\s='\":,])(?P<path>(?:/Users|/home)/(?P<name>[A-Za-z][\w.-]*)/[^\s'\"]*"
    r"|/mnt/[a-z]/Users/(?P<linux>[\w.-]+)/[^\s'\"]*"
    r"|(?<=cd )(?:/Users|/home)/(?P<entered>[A-Za-z][\w.-]*)(?=[;&\s]|$)"
    r"|[A-Za-z]:[\\/]+Users[\\/]+(?P<windows>[\w. -]+)[\\/][^'\"]*)"
)
_HINTS = ("/Users/", "/home/", ":\\", *(f"{quote}{drive}:/" for quote in "'\"" for drive in "CDEcde"))
"""What a file holds that has such a path: most have none, and are done with."""
_DRIVE = re.compile(r"^[A-Za-z]:[\\/]+(?!Windows|Program|path[\\/]|path$|Users?[\\/])\w[\w .-]*[\\/]+\S", re.IGNORECASE)
"""A place on a Windows disk that is no part of Windows itself."""
ASKING = re.compile(r"\.?\b(exists|is_file|isfile|is_dir|isdir)\(")
"""How a condition asks whether a path is there."""
_PATTERN = re.compile(r"[\[\]*?^|()<>+]")
_WORDS = re.compile(r"(?<!\S)[A-Za-z]{2,}[,.:;]?(?!\S)")
NOBODY = frozenset(
    {
        *("user", "username", "users", "you", "your", "yourname", "your_name", "your-name", "your_username", "me"),
        *("yourusername", "your-username", "example", "foo", "bar", "someone", "somebody", "user1", "user2", "test"),
        *("name", "app", "appuser", "agent", "node", "runner", "ubuntu", "ec2-user", "vscode", "jovyan", "coder"),
        *("sandbox", "sandboxuser", "sandbox-user", "oai", "linuxbrew", "gitpod", "codespace", "daytona", "nonroot"),
        *("python", "container", "docker", "pwuser", "seluser", "airflow", "service", "worker", "root", "admin"),
        *("shared", "public", "default", "site", "developer", "dev", "myuser", "my_user", "swe-agent", "openhands"),
        *("researcher", "kasm-user"),
    }
)
"""Names that stand for anybody, of images' users, and of sandboxes: `/home/user` is E2B's."""


@hazard.rule("PATH103", "a developer's absolute path")
def developers_path(module: Module) -> Iterator[Finding]:
    """A text holds a path of one person's machine: `/Users/…`, `/home/…`, `C:\\\\…`.

    Quiet for documentation, descriptions, examples and prompts, for patterns, for names that stand for anybody
    (`/home/user`, which is a sandbox's too), for users of images (`/home/node`), for Windows' own folders, and where
    the code asks whether it is there.

    Why: the folder is on no other machine.

    Mend: a path beside the file, or a setting.
    """
    if not any(each in module.source for each in _HINTS):
        return
    for node in module.all(ast.Constant):
        text = node.value
        if not isinstance(text, str) or len(text) > 300 or "\n" in text:
            continue
        path = _developers(text)
        if path is None or isinstance(module.parent(node), ast.Expr):
            continue
        if not _is_told(module, node) and not _is_looked_for(module, node):
            yield module.finding(
                node,
                f"{path!r} is a path of one person's machine",
                why="no other machine has this folder",
                fix="build it from `Path(__file__).parent`, or read it from a setting",
            )


def _developers(text: str) -> str | None:
    found = _DEVELOPERS.search(text)
    if found is not None:
        name = (found["name"] or found["linux"] or found["entered"] or found["windows"]).lower()
        is_anybody = name in NOBODY or name.startswith(("your", "my_", "my-"))
        is_prose = len(_WORDS.findall(text[: found.start()])) > 3
        return None if is_anybody or is_prose or _PATTERN.search(found["path"]) else found["path"]
    if _DRIVE.search(text) and _PATTERN.search(text) is None and re.search(r"path[\\/]+to", text) is None:
        return text
    return None


def _is_looked_for(module: Module, node: ast.expr) -> bool:
    """Whether it has a name, and that is asked for: `if Path(sample).exists():`."""
    assign = module.parent(node)
    target = assign.targets[0] if isinstance(assign, ast.Assign) else None
    if not isinstance(target, ast.Name):
        return False
    tests = (each.test for each in module.all(ast.If) if module.scope(each) is module.scope(node))
    return any(target.id in (written := ast.unparse(test)) and ASKING.search(written) for test in tests)


def _is_told(module: Module, node: ast.expr) -> bool:
    """Whether it is documentation: a text of its own, a description, an example, or said to a person."""
    for around in above(node):
        match around:
            case ast.Expr() | ast.Raise() | ast.Compare():
                return not isinstance(around, ast.Expr) or around.value is node or isinstance(node, ast.JoinedStr)
            case ast.keyword(
                arg="description" | "help" | "examples" | "example" | "metavar" | "placeholder" | "epilog"
            ):
                return True
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    is_about = isinstance(key, ast.Constant) and key.value in (
                        "description",
                        "example",
                        "examples",
                        "help",
                    )
                    if is_about and (value is node or node in ast.walk(value)):
                        return True
            case ast.Call(func=ast.Attribute(attr="startswith" | "endswith" | "replace" | "removeprefix")):
                return True
            case ast.Call() if module.call(around).name.startswith(("re.", "print", "typing.")):
                return True
            case ast.stmt():
                return False
    return False
