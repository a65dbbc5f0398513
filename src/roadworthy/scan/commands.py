"""Programs that are started, in one shape for every kind of file: also behind `sudo`, `env`, `xargs`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from roadworthy.scan.values import HOLE

DEEPEST = 6
"""Programs that start programs that start programs: more than anybody writes."""
SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
BUILTINS = frozenset(
    {
        *(".", ":", "[", "[[", "alias", "bg", "bind", "break", "builtin", "caller", "cd", "command", "compgen"),
        *("complete", "compopt", "continue", "coproc", "declare", "dirs", "disown", "echo", "enable", "eval", "exec"),
        *("exit", "export", "false", "fc", "fg", "function", "getopts", "hash", "help", "history", "jobs", "kill"),
        *("let", "local", "logout", "mapfile", "popd", "printf", "pushd", "pwd", "read", "readarray", "readonly"),
        *("return", "select", "set", "shift", "shopt", "source", "suspend", "test", "time", "times", "trap", "true"),
        *("type", "typeset", "ulimit", "umask", "unalias", "unset", "wait"),
    }
)
"""What a shell does itself: no program is needed for it."""
TAKES_VALUE = {
    "sudo": ("-u", "-g", "-h", "-p", "-C", "-r", "-t", "-D", "--user", "--group"),
    "doas": ("-u", "-C"),
    "env": ("-u", "-C", "-S", "--unset", "--chdir"),
    "xargs": ("-I", "-n", "-P", "-L", "-s", "-d", "-E", "-a", "--max-args", "--max-procs", "--delimiter", "-J", "-R"),
    "nice": ("-n", "--adjustment"),
    "ionice": ("-c", "-n", "-p"),
    "timeout": ("-s", "-k", "--signal", "--kill-after"),
    "stdbuf": ("-i", "-o", "-e"),
    "time": ("-f", "-o"),
    "exec": ("-a",),
    "command": (),
    "builtin": (),
    "nohup": (),
    "setsid": (),
    "tini": ("-e", "-p"),
    "dumb-init": ("-r", "--rewrite"),
    "gosu": (),
    "su-exec": (),
    "xvfb-run": ("-n", "-s", "-f", "-e", "-w", "--server-args"),
    "unbuffer": (),
    "catchsegv": (),
    "watch": ("-n", "--interval"),
}
"""Programs that start what follows their options, and those of their options that take a value."""
OWN_WORDS = {"timeout": 1, "gosu": 1, "su-exec": 1}
"""Words of their own before what they start."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a file that is no Python: lines and columns from 1."""

    line: int
    column: int = 1
    end_line: int | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One program that is started, or asked for. Texts have holes where a part is not known."""

    program: str
    """As it is written: `rg`, `./search.sh`, `/usr/bin/jq`."""
    arguments: tuple[str, ...]
    at: Any
    """What the file's `finding` takes: a Spot, a Call."""
    how: Literal["started", "asked"] = "started"
    """`shutil.which("rg")` and `command -v rg` only ask whether it is there."""

    @property
    def name(self) -> str:
        """The program's name without its folder."""
        return self.program.rpartition("/")[2]

    @property
    def is_known(self) -> bool:
        """Whether the whole of the program's word is known."""
        return bool(self.program) and HOLE not in self.program


def commands_of(words: Sequence[str], at: Any, depth: int = 0) -> Iterator[Command]:
    """What a list of words starts: its first, and what that one starts in turn."""
    if not words or depth > DEEPEST:
        return
    program, arguments = words[0], tuple(words[1:])
    command = Command(program, arguments, at)
    name = command.name
    asked = _asked(name, arguments)
    if asked is not None:
        yield from (Command(each, (), at, "asked") for each in asked)
        if name == "which":
            yield command
        return
    yield command
    if name in SHELLS:
        text = _shell_text(arguments)
        if text is not None:
            from roadworthy.scan.shell import commands_in

            yield from (Command(each.program, each.arguments, at, each.how) for each in commands_in(text, depth + 1))
        return
    yield from commands_of(_started_by(name, arguments), at, depth + 1)


def _asked(name: str, arguments: tuple[str, ...]) -> list[str] | None:
    if name in ("which", "type", "hash"):
        return [each for each in arguments if not each.startswith("-")]
    if name == "command" and arguments[:1] in (("-v",), ("-V",)):
        return list(arguments[1:])
    return None


def _shell_text(arguments: tuple[str, ...]) -> str | None:
    """What `-c` (`-lc`, `-ec`) hands to a shell."""
    for index, each in enumerate(arguments):
        if not each.startswith("-"):
            return None
        if re.fullmatch(r"-[a-z]*c", each):
            return arguments[index + 1] if index + 1 < len(arguments) else None
    return None


def _started_by(name: str, arguments: tuple[str, ...]) -> tuple[str, ...]:
    if name == "find":
        for index, each in enumerate(arguments):
            if each in ("-exec", "-execdir", "-ok"):
                return arguments[index + 1 :]
        return ()
    if name not in TAKES_VALUE:
        return ()
    left = OWN_WORDS.get(name, 0)
    index = 0
    while index < len(arguments):
        each = arguments[index]
        if each == "--":
            index += 1
        elif each.startswith("-") and len(each) > 1:
            index += 2 if each in TAKES_VALUE[name] else 1
        elif name in ("env", "sudo") and _ASSIGNMENT.match(each):
            index += 1
        elif left:
            left, index = left - 1, index + 1
        else:
            return arguments[index:]
    return ()
