"""A Dockerfile: what it is built from, what it installs, sets and starts."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from roadworthy.scan import shell
from roadworthy.scan.commands import Command, Spot, commands_of
from roadworthy.scan.facts import Facts, Text, Variable, moved

_INSTRUCTION = re.compile(r"\s*(?P<name>[A-Za-z]+)\s+(?P<rest>.*)", re.DOTALL)
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(?P<end>\w+)\1")
_FLAG = re.compile(r"\s*--[a-z-]+(?:=\S+)?")
_WORD = re.compile(r"[A-Za-z0-9_.+@/-]+")


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction with its continued lines; comments between them are blank continuations."""

    name: str
    text: str
    line: int


def facts_of(text: str) -> Facts:
    """The facts of a Dockerfile. RUN's commands belong to the build: what they name counts as installed."""
    facts = Facts()
    for each in instructions(text):
        spot = Spot(each.line, 1, each.line + each.text.count("\n"))
        match each.name:
            case "FROM":
                words = [word for word in each.text.split() if not word.startswith("--")]
                facts.images += words[:1]
            case "RUN":
                facts.installs += _WORD.findall(each.text)
            case "COPY" | "ADD":
                facts.installs += [word.rpartition("/")[2] for word in _WORD.findall(each.text)]
                facts.installs += re.findall(r"--chmod=\S+", each.text)
                facts.strings.append(Text(each.text, spot, each.name))
            case "ENV" | "ARG":
                facts.variables += [Variable(name, value, spot, is_set=True) for name, value in _pairs(each.text)]
            case "CMD" | "ENTRYPOINT":
                facts.commands += _started(each)
                facts.strings.append(Text(each.text, spot, each.name))
            case "USER" | "EXPOSE" | "WORKDIR" | "SHELL" | "VOLUME":
                facts.strings.append(Text(each.text.strip(), spot, each.name))
            case "HEALTHCHECK" if (found := re.search(r"\bCMD\b", each.text)) is not None:
                facts.checks += _started(Instruction("CMD", each.text[found.end() :].strip(), each.line))
                facts.commands += facts.checks
    return facts


def instructions(text: str) -> Iterator[Instruction]:
    """Every instruction, in order."""
    lines = text.splitlines()
    index = 0
    while index < len(lines):
        first = index
        found = _INSTRUCTION.match(lines[index])
        if found is None or lines[index].lstrip().startswith("#"):
            index += 1
            continue
        parts = [found["rest"]]
        while parts[-1].rstrip().endswith("\\") and index + 1 < len(lines):
            index += 1
            is_comment = lines[index].lstrip().startswith("#") or not lines[index].strip()
            parts.append("\\" if is_comment else lines[index])
        for heredoc in _HEREDOC.finditer(parts[0]) if found["name"].upper() in ("RUN", "COPY") else ():
            while index + 1 < len(lines):
                index += 1
                parts.append(lines[index])
                if lines[index].strip() == heredoc["end"]:
                    break
        yield Instruction(found["name"].upper(), "\n".join(parts), first + 1)
        index += 1


def build_commands(text: str) -> Iterator[Command]:
    """What its RUN instructions start while the image is built."""
    for each in instructions(text):
        if each.name == "RUN":
            yield from _started(each)


def _started(each: Instruction) -> Iterator[Command]:
    body = each.text
    while (flag := _FLAG.match(body)) is not None and each.name == "RUN":
        body = body[flag.end() :]
    if body.lstrip().startswith("["):
        try:
            words = json.loads(body.replace("\\\n", " "))
        except ValueError:
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            yield from commands_of(words, Spot(each.line))
            return
    for command in shell.commands_in(body):
        yield moved(command, each.line - 1)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    text = text.replace("\\\n", " ")
    if "=" not in text.split(maxsplit=1)[0] if text.split() else True:
        name, _, value = text.strip().partition(" ")
        yield name, value.strip()
        return
    try:
        words = shlex.split(text)
    except ValueError:
        words = text.split()
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value
