"""The configured tool servers (MCP): started, asked for their tools, and ended again.

A few lines of JSON-RPC are enough for that; the protocol's own package takes half a second to import.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine

FILES = ("mcp.json", ".mcp.json", "claude_desktop_config.json")
KEYS = ("mcpServers", "mcp_servers", "servers")
INHERITED = ("HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER")
"""Variables that the protocol's clients pass on by default (mcp 2.3.0, client/stdio.py; its TypeScript client too)."""
PROTOCOL = "2025-06-18"
"""The revision that is asked for; a server answers with the one that it speaks."""
MARGIN = 0.3
"""Seconds before the deadline at which a server is given up: to end it takes a moment too."""
LONGEST_OUTPUT = 16 << 20
"""Bytes of an answer: servers have hundreds of tools with long descriptions."""
LAST_LINES = 3
_REFERENCE = re.compile(r"\$\{(?:env:)?(?P<name>[A-Za-z_]\w*)(?::?-(?P<default>[^}]*))?\}")
_ASKS = re.compile(r"\$\{input:")


class ConfigurationError(Exception):
    """A configuration that cannot be read; the message ends a sentence that begins with the file's name."""


@dataclass(frozen=True, slots=True)
class Server:
    """A configured server."""

    name: str
    file: str
    """The configuration, relative to the project."""
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    folder: str | None = None
    url: str | None = None
    """Of one that runs elsewhere."""
    missing: tuple[str, ...] = ()
    """Variables that its configuration names and that are not set."""
    asks: bool = False
    """Whether a person is asked for a value."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What came of asking a server for its tools."""

    tools: tuple[str, ...] | None = None
    """None where it did not list them."""
    failure: str = ""
    """Why it did not: `not found`, `ended`, `silent`, `refused`, `cannot start`."""
    told: str = ""
    """Its own words for that."""
    junk: str | None = None
    """The first line on its standard output that is no message."""
    seconds: float = 0.0


def servers(project: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Every server of the project's configurations that is switched on. Raises ConfigurationError."""
    for name in FILES:
        path = project / name
        try:
            text = path.read_text("utf-8-sig")
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{name} cannot be read: {getattr(error, 'strerror', 'not UTF-8')}") from error
        try:
            table = json.loads(text)
        except ValueError as error:
            raise ConfigurationError(f"{name} is not valid JSON: {error}") from error
        rows = _rows(table)
        for server, row in rows.items():
            if isinstance(row, dict) and not row.get("disabled") and row.get("enabled", True):
                yield _server(server, name, row, environment)


def speak(machine: Machine, server: Server, environment: Mapping[str, str]) -> Spoken:
    """Start a server with `environment`, ask for its tools, and end it and all that it started."""
    import time

    from roadworthy.check.started import Started

    folder = machine.declared_path(server.folder or ".")
    argv = _found(machine, server, environment)
    if argv is None:
        return Spoken(failure="not found")
    began = time.monotonic()
    try:
        started = Started(argv, folder, environment)
    except OSError as error:
        return Spoken(failure="cannot start", told=error.strerror or "")
    with started:
        spoken = _Conversation(started.process, lambda: machine.remaining() - MARGIN).held()
        if spoken.failure == "silent":
            started.kill()
    return Spoken(spoken.tools, spoken.failure, spoken.told, spoken.junk, time.monotonic() - began)


def inherited(server: Server, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that a client gives a server: a few of its own, and those of the configuration."""
    return {**{name: environment[name] for name in INHERITED if name in environment}, **server.env}


class _Conversation:
    """Messages, one a line, with a server that has just been started."""

    def __init__(self, process: Any, remaining: Callable[[], float]) -> None:
        self._process, self._remaining = process, remaining
        self._out, self._err = bytearray(), bytearray()
        self._junk: str | None = None
        self._is_over = False

    def held(self) -> Spoken:
        """Ask to begin, then for all pages of tools."""
        with selectors.DefaultSelector() as streams:
            for stream in (self._process.stdout, self._process.stderr):
                os.set_blocking(stream.fileno(), False)
                streams.register(stream, selectors.EVENT_READ)
            client = {"name": "roadworthy-check", "version": "1"}
            begin = {"protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client}
            answer = self._asked(streams, 1, "initialize", begin)
            if isinstance(answer, Spoken):
                return answer
            self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
            tools: list[str] = []
            cursor: object = None
            number = 2
            while True:
                answer = self._asked(streams, number, "tools/list", {} if cursor is None else {"cursor": cursor})
                if isinstance(answer, Spoken):
                    return answer
                listed = answer.get("tools")
                tools += [str(tool.get("name")) for tool in listed or [] if isinstance(tool, dict)]
                cursor, number = answer.get("nextCursor"), number + 1
                if cursor is None or not listed:
                    return Spoken(tuple(tools), junk=self._junk)

    def _asked(
        self, streams: selectors.BaseSelector, number: int, method: str, about: object
    ) -> dict[str, Any] | Spoken:
        """The answer's result, or what came in its place."""
        self._send({"jsonrpc": "2.0", "id": number, "method": method, "params": about})
        while True:
            while (message := self._next()) is not None:
                if message.get("id") == number and "method" not in message:
                    result = message.get("result")
                    if isinstance(result, dict):
                        return result
                    error = message.get("error")
                    told = error.get("message") if isinstance(error, dict) else "no result"
                    return Spoken(failure="refused", told=f"{method}: {told}", junk=self._junk)
                if "method" in message and "id" in message:  # the server asks: nothing here can be done for it
                    refusal = {"code": -32601, "message": "method not found"}
                    self._send({"jsonrpc": "2.0", "id": message["id"], "error": refusal})
            if self._is_over:
                return Spoken(failure="ended", told=self._last_lines(), junk=self._junk)
            left = self._remaining()
            if left <= 0 or len(self._out) > LONGEST_OUTPUT:
                return Spoken(failure="silent", told=method, junk=self._junk)
            self._take_in(streams, left)

    def _take_in(self, streams: selectors.BaseSelector, seconds: float) -> None:
        for key, _ in streams.select(seconds):
            chunk = os.read(key.fd, 65536)
            if not chunk:
                streams.unregister(key.fileobj)
            elif key.fileobj is self._process.stdout:
                self._out += chunk
            else:
                self._err += chunk
                del self._err[:-65536]
        left = {key.fileobj for key in streams.get_map().values()}
        self._is_over = not left or (self._process.stdout not in left and self._process.poll() is not None)

    def _next(self) -> dict[str, Any] | None:
        """The next whole message; what is none is kept as junk."""
        while b"\n" in self._out:
            line, _, rest = bytes(self._out).partition(b"\n")
            self._out = bytearray(rest)
            if not line.strip():
                continue
            try:
                told = json.loads(line)
            except ValueError:
                told = None
            if isinstance(told, dict) and "jsonrpc" in told:
                return told
            if self._junk is None:
                self._junk = line.decode("utf-8", "replace").strip()
        return None

    def _send(self, message: object) -> None:
        with contextlib.suppress(OSError):  # it has ended: reading tells
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()

    def _last_lines(self) -> str:
        lines = [line.strip() for line in self._err.decode("utf-8", "replace").splitlines() if line.strip()]
        return " / ".join(lines[-LAST_LINES:])


def _found(machine: Machine, server: Server, environment: Mapping[str, str]) -> list[str] | None:
    import shutil

    name = server.command[0]
    if "/" in name:
        path = machine.declared_path(server.folder or ".") / Path(name).expanduser()
        return [str(path), *server.command[1:]] if path.is_file() else None
    path_found = shutil.which(name, path=environment.get("PATH", os.defpath))
    return [path_found, *server.command[1:]] if path_found is not None else None


def _rows(table: object) -> dict[str, Any]:
    if not isinstance(table, dict):
        return {}
    inner = table.get("mcp")
    for where in (table, inner if isinstance(inner, dict) else {}):
        for key in KEYS:
            if isinstance(where.get(key), dict):
                return where[key]  # type: ignore[no-any-return]
    return {}


def _server(name: str, file: str, row: dict[str, Any], environment: Mapping[str, str]) -> Server:
    missing: list[str] = []

    def filled(value: object) -> str:
        def of(found: re.Match[str]) -> str:
            told: str | None = environment.get(found["name"], found["default"])
            if told is None:
                missing.append(found["name"])
            return told or ""

        return _REFERENCE.sub(of, str(value))

    words = row.get("command")
    command = [words] if isinstance(words, str) else words if isinstance(words, list) else []
    arguments = row.get("args")
    env = row.get("env")
    url = row.get("url") or row.get("serverUrl") or row.get("httpUrl")
    text = json.dumps(row)
    return Server(
        name,
        file,
        tuple(map(filled, [*command, *(arguments if isinstance(arguments, list) else [])])),
        {key: filled(value) for key, value in env.items()} if isinstance(env, dict) else {},
        filled(row["cwd"]) if isinstance(row.get("cwd"), str) else None,
        filled(url) if url and not command else None,
        tuple(dict.fromkeys(missing)),
        _ASKS.search(text) is not None,
    )
