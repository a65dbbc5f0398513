"""The simulated providers behind their hosts: requests in, answers, faults and refusals out, all of it noted."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl

import msgspec

from roadworthy.rehearsal.faults.fault import Fault, Refusal, ToolCall, Turn
from roadworthy.rehearsal.observed import ModelCall
from roadworthy.rehearsal.world.http import Connection, Reply, Request
from roadworthy.rehearsal.world.model import anthropic, journal, openai
from roadworthy.rehearsal.world.model.answers import asks_for_json
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.ledger import Ledger
from roadworthy.rehearsal.world.model.script import refusal_in, scripted
from roadworthy.rehearsal.world.model.simulated import Behaviour, another_call, left_out, turn_for
from roadworthy.rehearsal.world.model.thinking import thought
from roadworthy.rehearsal.world.model.wire import (
    Asked,
    Body,
    Lookup,
    MistakeError,
    Provider,
    Stamp,
    Talk,
    invalid,
)

PROVIDERS = {provider.name: provider for provider in (openai.provider, anthropic.provider)}
HOSTS = {host: provider.name for provider in PROVIDERS.values() for host in provider.hosts}
"""The providers' own hosts: these names lead here whatever the manifest says."""

EVENT_STREAM = ("content-type", "text/event-stream; charset=utf-8")
JOURNAL_LIMIT = 20_000
"""Calls that are noted: more than a judge needs, and about 30 MB for an agent that never stops asking."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the providers behave in one trial.

    behaviour  what the simulated model answers and calls
    hosts      further hosts that speak a provider's protocol: host to provider
    keys       by provider, the keys that are accepted; none listed: any
    latency    seconds before each answer, asked anew for each call; None: answers come at once
    """

    behaviour: Behaviour = field(default_factory=Behaviour)
    hosts: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    latency: Callable[[], float] | None = None


class Providers:
    """All simulated providers of one trial, with its journal."""

    def __init__(self, settings: Settings, clock: Callable[[], float]) -> None:
        self.calls: list[ModelCall] = []
        self.unrecorded = 0
        """Calls beyond what the journal holds."""
        self.left_out: dict[str, str] = {}
        """Tools that were never called because they change something, with the word that says so."""
        self.latency = settings.latency
        """May be changed while it runs."""
        self._settings = settings
        self._clock = clock
        self._hosts = {**HOSTS, **settings.hosts}
        self._ledger = Ledger()
        self._faults: list[_Active] = []
        self._connections: set[_Counted] = set()

    def connection(self, host: str | None = None, seen: Callable[[Request], None] | None = None) -> Connection:
        """The protocol of one connection; `host` is what its listener stands for, else the Host header says.

        `seen` gets each request before it is answered.
        """

        def answer(request: Request) -> Reply:
            if seen is not None:
                seen(request)
            return self._answer(host, request)

        return _Counted(self._connections, answer)

    @property
    def open_connections(self) -> int:
        """How many callers are connected."""
        return len(self._connections)

    def begin(self, fault: Fault) -> None:
        """From now on `fault` meets model calls."""
        self._faults.append(_Active(fault))

    def mend(self) -> None:
        """All faults end for new calls. A call that is held stays held: a dead peer does not come back."""
        self._faults.clear()

    def close(self) -> None:
        """Close every connection, also those that are held."""
        for connection in list(self._connections):
            connection.close()

    def _answer(self, listener: str | None, request: Request) -> Reply:
        host = listener or host_in(request.headers.get("host", ""))
        provider = self._provider(host, request)
        call = ModelCall(
            at=self._clock(),
            provider=provider.name,
            host=host,
            path=request.path,
            size=len(request.body),
            counted=False,
        )
        if len(self.calls) < JOURNAL_LIMIT:
            self.calls.append(call)
        else:
            self.unrecorded += 1
        number = self._ledger.next_number()
        try:
            reply = self._served(provider, call, request, number)
        except MistakeError as mistake:
            call.refused = mistake.refusal.message
            reply = self._refused(provider, number, mistake)
        reply.ended = lambda complete: self._ended(call, reply.status, complete=complete)
        return reply

    def _provider(self, host: str, request: Request) -> Provider:
        name = self._hosts.get(host)
        if name is not None:
            return PROVIDERS[name]
        # A listener without a name, as in tests: the header that only one of them demands, else the path.
        if "anthropic-version" in request.headers:
            return anthropic.provider
        speaking = (
            provider
            for provider in PROVIDERS.values()
            if provider.endpoint(request.method, request.path, exact=True) is not None
        )
        return next(speaking, openai.provider)

    def _served(self, provider: Provider, call: ModelCall, request: Request, number: int) -> Reply:
        foreign = call.host in self._hosts and call.host not in HOSTS
        found = provider.endpoint(request.method, request.path, exact=not foreign)
        if found is None:
            raise provider.nothing_at(request.method, request.path)
        endpoint, name = found
        call.counted = isinstance(endpoint, Talk) or endpoint.counted
        self._check_key(provider, request)
        provider.check(request.headers)
        has_body = request.method == "POST" and (request.body or isinstance(endpoint, Talk))
        body = _decoded(request.body) if has_body else {}
        journal.note_body(call, request.body, body)
        if isinstance(endpoint, Lookup):
            asked = Asked(body, name, dict(parse_qsl(request.query)), self._ledger, foreign)
            return self._looked_up(provider, endpoint, call, number, asked)
        conversation = endpoint.read(body, self._ledger, foreign)
        if conversation.input_tokens > provider.context:
            raise provider.too_long(conversation.input_tokens, endpoint.holds)
        return self._spoken(provider, endpoint, call, number, conversation)

    def _check_key(self, provider: Provider, request: Request) -> None:
        key = provider.key(request.headers)
        if not key:
            raise provider.no_key
        accepted = self._settings.keys.get(provider.name)
        if accepted and key not in accepted:
            raise provider.wrong_key

    def _looked_up(self, provider: Provider, endpoint: Lookup, call: ModelCall, number: int, asked: Asked) -> Reply:
        answer = endpoint.answer(asked)
        hold = 0.0
        if endpoint.counted:
            met = _Met(self._faults, call, call.canaries[-1] if call.canaries else None, self._clock())
            refusal = met.refusal()
            if refusal is not None:
                return self._refused(provider, number, MistakeError(refusal), call)
            hold = met.hold() + self._delay()
        headers = provider.headers(_request_id(number), None)
        if isinstance(answer, list):
            headers[0] = EVENT_STREAM
        return Reply(200, answer, headers, wait=hold)

    def _spoken(
        self, provider: Provider, endpoint: Talk, call: ModelCall, number: int, conversation: Conversation
    ) -> Reply:
        behaviour = self._settings.behaviour
        self._ledger.models[conversation.model] = None
        reply = scripted(conversation, behaviour.script)
        given = behaviour.answer if reply is None or reply.text is None else reply.text
        journal.note_conversation(call, conversation, asks_for_json(conversation, given))
        met = _Met(self._faults, call, conversation.canary, self._clock())
        refusal = met.refusal()
        if refusal is not None:
            return self._refused(provider, number, MistakeError(refusal), call)
        hold = met.hold() + (0.0 if reply is None else reply.delay)
        if reply is not None and reply.error is not None:
            error = self._refused(provider, number, MistakeError(refusal_in(reply.error)))
            error.wait = hold + self._delay()
            return error

        def new_id() -> str:
            return f"{provider.call_id}{self._ledger.next_number():024x}"

        turn = turn_for(conversation, behaviour, new_id)
        turn = met.reworded(turn, lambda: another_call(turn, conversation, behaviour, new_id))
        self.left_out.update(left_out(conversation, behaviour))
        thinks = thought(conversation)
        journal.note_turn(call, turn, thinks)
        stamp = Stamp(number, int(time.time()), call.input_tokens, call.output_tokens, thinks)
        headers = provider.headers(_request_id(number), None)
        delay = self._delay()
        if not conversation.stream:
            body = endpoint.write(turn, conversation, stamp, self._ledger)
            return Reply(200, body, headers, wait=hold + delay)
        events = list(endpoint.stream(turn, conversation, stamp, self._ledger))
        headers[0] = EVENT_STREAM
        # A stream's first event comes half-way, the others spread over the rest.
        return Reply(200, events, headers, wait=hold + delay / 2, pace=delay / 2 / len(events))

    def _refused(self, provider: Provider, number: int, mistake: MistakeError, call: ModelCall | None = None) -> Reply:
        """With `call`: a fault refused it, and it may have been told when to come back."""
        refusal = mistake.refusal
        request_id = _request_id(number)
        status, body = provider.error(refusal, mistake.code, mistake.param, request_id)
        if call is not None and refusal.retry_after is not None:
            call.retry_not_before = self._clock() + math.ceil(refusal.retry_after)
        return Reply(status, body, provider.headers(request_id, refusal))

    def _delay(self) -> float:
        return 0.0 if self.latency is None else self.latency()

    def _ended(self, call: ModelCall, status: int, *, complete: bool) -> None:
        if complete:
            call.ended = self._clock()
            call.status = status
        else:
            call.closed_by_agent = self._clock()


@dataclass(slots=True)
class _Active:
    fault: Fault
    first: float | None = None
    """When it met its first call."""
    met: int = 0


class _Met:
    """The faults that one call meets: first what refuses it, then what holds it, then what rewords the answer."""

    def __init__(self, faults: list[_Active], call: ModelCall, canary: str | None, now: float) -> None:
        self._call, self._now = call, now
        self._asked = [
            (active, journal.question(call, canary, since=now - (active.first or now), number=active.met))
            for active in faults
        ]

    def refusal(self) -> Refusal | None:
        for active, question in self._asked:
            refusal = active.fault.refuse(question) if active.fault.refuse else None
            if refusal is not None:
                self._touch(active)
                return refusal
        return None

    def hold(self) -> float:
        longest = 0.0
        for active, question in self._asked:
            seconds = active.fault.hold(question) if active.fault.hold else 0.0
            if seconds > 0:
                self._touch(active)
                longest = max(longest, seconds)
        return longest

    def reworded(self, turn: Turn, another: Callable[[], ToolCall | None]) -> Turn:
        for active, question in self._asked:
            if active.fault.reword is None:
                continue
            said = active.fault.reword(turn, replace(question, another=another()))
            if said != turn:
                self._touch(active)
                turn = said
        return turn

    def _touch(self, active: _Active) -> None:
        if self._call.fault != active.fault.name:
            active.first = self._now if active.first is None else active.first
            active.met += 1
            self._call.fault = active.fault.name


class _Counted(Connection):
    """A connection that is on the list of open ones for as long as it is open."""

    def __init__(self, open_ones: set[_Counted], handler: Callable[[Request], Reply]) -> None:
        super().__init__(handler)
        self._open_ones = open_ones

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._open_ones.add(self)

    def connection_lost(self, problem: Exception | None) -> None:
        self._open_ones.discard(self)
        super().connection_lost(problem)


def host_in(header: str) -> str:
    """The name in a Host header, without its port."""
    name, _, port = header.rpartition(":")
    return name if name and port.isdigit() else header


def _request_id(number: int) -> str:
    return f"req_{number:032x}"


def _decoded(raw: bytes) -> Body:
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise invalid("We could not parse the JSON body of your request.") from None
    if not isinstance(body, dict):
        raise invalid("The body of your request has to be a JSON object.")
    return body
