"""The rehearsal's model provider on a real socket, told by a test what to answer and how to fail."""

from __future__ import annotations

import asyncio
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from roadworthy.errors import UsageError
from roadworthy.redaction import redactor
from roadworthy.rehearsal.faults.fault import NEVER, Refusal, Turn
from roadworthy.rehearsal.values import PROVIDER_KEYS
from roadworthy.rehearsal.world.http import Request
from roadworthy.rehearsal.world.model.providers import Providers, Settings
from roadworthy.rehearsal.world.model.simulated import Behaviour
from roadworthy.testing.declared import key_for, secrets_of
from roadworthy.testing.scene import Scene
from roadworthy.testing.script import Script, Step, said

BASES = {
    "OPENAI_BASE_URL": "/v1",
    "OPENAI_API_BASE": "/v1",
    "ANTHROPIC_BASE_URL": "",
    "ANTHROPIC_API_BASE": "",
}
"""By variable, the path behind the address. The second of each is LiteLLM's, and older libraries'."""
SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})
ASKED_FOR = "This test asked for an error."
WITHIN = 30.0
"""Seconds, where no manifest says more: the budget for an answer."""
KINDS: Mapping[int, Any] = {400: "invalid_request", 401: "authentication", 403: "authentication", 404: "not_found",
                            429: "rate_limit", 529: "overloaded"}  # fmt: skip
"""The provider's own kind of error by status; other ones from 500 up are its server's."""
LOWEST_ERROR, LOWEST_SERVER_ERROR, HIGHEST_ERROR = 400, 500, 599


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that the agent sent to the model. Headers have names in lower case; none holds a secret."""

    method: str
    path: str
    json: Any = field(repr=False)
    """The decoded body; None where it is no JSON. It is not shown: it may hold what the agent should not have sent."""
    headers: Mapping[str, str]
    at: float = field(default=0.0, compare=False)
    """Seconds of `time.monotonic()`."""


class SimulatedModel:
    """Steps are met in the order in which they were given, one for each call; then the model answers as it would.

    Each of the methods may be called at any time, also while the agent is at work.
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._requests: list[Asked] = []
        self._script = Script(self._stalled)
        self._within = math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._redact: Callable[[str], str] = lambda text: text
        self._was_told = False
        self.port = 0

    def __repr__(self) -> str:
        return f"<simulated_model at {self.url}, {len(self._requests)} requests>"

    @property
    def url(self) -> str:
        """Where it listens: `http://127.0.0.1:PORT`. OpenAI's API is below it at `/v1`."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def requests(self) -> Sequence[Asked]:
        """What the agent has sent so far, retries included, oldest first."""
        return tuple(self._requests)

    def replies(self, *replies: object) -> None:
        """Say these, one a call: a text, or what becomes JSON. The last is said until something else is asked for."""
        turns = [said(reply) for reply in replies]
        self._add(*(Step(1.0, turn=turn) for turn in turns[:-1]), *(Step(math.inf, turn=turn) for turn in turns[-1:]))

    def calls(self, tool: str, /, **arguments: object) -> None:
        """Call a tool, once."""
        text = json.dumps(arguments, ensure_ascii=False)
        turn = Turn(tool_calls=(self._script.call(tool, text),), finish="tool_calls")
        self._add(Step(1.0, turn=turn))

    def fails(
        self, status: int, *, retry_after: float | None = None, times: int | None = None, message: str = ASKED_FOR
    ) -> None:
        """Refuse `times` calls (None: all) with this status, in the provider's own format.

        `retry_after` is sent in seconds, rounded up to whole ones. Raises UsageError for a status that is no error.
        """
        if not LOWEST_ERROR <= status <= HIGHEST_ERROR:
            raise UsageError(f"simulated_model.fails({status}): an error's status is 400 to 599")
        kind = KINDS.get(status, "server_error" if status >= LOWEST_SERVER_ERROR else "invalid_request")
        self._add(Step(_times(times), refusal=Refusal(status, kind, message, retry_after)))

    def stalls(self, *, times: int | None = None, within: float | None = None) -> None:
        """Accept `times` calls (None: all), and send not a byte.

        An agent without a time-out would wait for ever. When one still waits `within` seconds after the first such
        call, its connection is closed and the test fails. Without it: `timeouts.request` of the manifest, else
        `budgets.answer`.
        """
        manifest = self._scene.manifest
        declared = WITHIN if manifest is None else manifest.timeouts.request or manifest.budgets.answer
        self._within = declared if within is None else within
        self._add(Step(_times(times), hold=NEVER))

    def slow(self, seconds: float, *, times: int | None = None) -> None:
        """Begin to answer `seconds` late, `times` calls (None: all)."""
        self._add(Step(_times(times), hold=seconds))

    def recovers(self) -> None:
        """From now on all is well. A call that is held stays held: a dead peer does not come back."""
        self._scene.wire.do(self._script.clear)

    def set_up(self) -> None:
        """Listen, and set the variables that lead the SDKs here."""
        scene = self._scene
        simulate = scene.manifest.simulate if scene.manifest is not None else None
        behaviour = Behaviour()
        if simulate is not None and scene.manifest is not None:
            steps = scene.manifest.budgets.steps
            behaviour = Behaviour(simulate.answer, simulate.tools, simulate.entries, steps)
        self._providers = Providers(Settings(behaviour), time.monotonic)
        self._providers.begin(self._script.fault)
        scene.wire.run(self._listen())
        scene.wire.when_closing(self._close)
        scene.open_ports.add(self.port)
        self._lead_here()
        keys = (
            text for variables in (scene.shell, os.environ) for name in PROVIDER_KEYS if (text := variables.get(name))
        )
        declared = (*secrets_of(scene.manifest, scene.shell), *secrets_of(scene.manifest, os.environ))
        self._redact = redactor((*keys, *declared))

    def _lead_here(self) -> None:
        scene = self._scene
        for name, path in BASES.items():
            scene.give(name, self.url + path)
        declared = scene.manifest.env or {} if scene.manifest is not None else {}
        for name in PROVIDER_KEYS:
            if scene.declares(name):  # a key that production lacks is not given here either
                scene.give(name, key_for(name, declared.get(name)))
        if any(os.environ.get(name) for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")):
            for name in ("NO_PROXY", "no_proxy"):
                known = os.environ.get(name)
                scene.give(name, f"{known},127.0.0.1" if known else "127.0.0.1")

    async def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._providers.connection(seen=self._seen), "127.0.0.1")
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._server.close()
        self._providers.close()
        while self._providers.open_connections:
            await asyncio.sleep(0)

    def judge(self) -> None:
        """Complain where a test told the model something, and nobody has asked it anything."""
        if self._was_told and not self._requests:
            self._scene.complaints.append(
                "the simulated model was told what to do, and nothing was asked of it: the agent's client does not "
                "lead here\n  it is a mock, was made before the test began, or does not read OPENAI_BASE_URL or "
                "ANTHROPIC_BASE_URL: make it in the test, after the fixture, or in a function"
            )

    def _add(self, *steps: Step) -> None:
        self._was_told = True
        self._scene.wire.do(lambda: self._script.add(*steps))

    def _seen(self, request: Request) -> None:
        try:
            body = msgspec.json.decode(request.body) if request.body else None
        except (msgspec.DecodeError, UnicodeDecodeError):
            body = None
        headers = {name: self._redact(value) for name, value in request.headers.items() if name not in SECRET_HEADERS}
        self._requests.append(Asked(request.method, request.path, body, headers, time.monotonic()))

    def _stalled(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._within, self._give_up)

    def _give_up(self) -> None:
        self._timer = None
        self._script.end_stall()
        held = [call for call in self._providers.calls if call.fault and call.ended is None]
        if any(call.closed_by_agent is None for call in held):
            self._scene.complaints.append(
                f"the model stalled, and after {self._within:g} s the agent still waited: it has no shorter time-out\n"
                "  give its client one, for all tries together: OpenAI(timeout=8, max_retries=1)"
            )
            self._providers.close()


def _times(times: int | None) -> float:
    if times is not None and times < 1:
        raise UsageError(f"times={times}: give at least 1, or None for all calls")
    return math.inf if times is None else times
