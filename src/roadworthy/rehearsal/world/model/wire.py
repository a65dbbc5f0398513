"""What a provider is made of: hosts, endpoints, errors and headers, each in the provider's own format."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias, TypeVar

import msgspec

from roadworthy.rehearsal.faults.fault import Refusal, Turn
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.ledger import Ledger

Shape = TypeVar("Shape")
Body: TypeAlias = dict[str, Any]
"""A decoded JSON object."""
HeaderList: TypeAlias = list[tuple[str, str]]

CHARACTERS_A_TOKEN = 4
"""The usual rule of thumb for English text."""
NOT_SIMULATED = (
    "The simulated provider of a rehearsal has no such endpoint: docs/simulated-model.md lists those it has."
)
PROBLEM = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
"""How msgspec says what does not fit, and where."""


class MistakeError(Exception):
    """The request is one that the real provider refuses: the agent's own mistake."""

    def __init__(self, refusal: Refusal, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.code = code
        self.param = param


def invalid(message: str, *, code: str | None = None, param: str | None = None, status: int = 400) -> MistakeError:
    """A request that breaks the provider's rules."""
    return MistakeError(Refusal(status, "invalid_request", message), code=code, param=param)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an answer carries beside what the model says."""

    number: int
    """Of this request; ids are made from it."""
    created: int
    """Seconds since 1970."""
    input_tokens: int
    output_tokens: int
    """Of one choice, with the thought."""
    thought: str | None = None
    """What the model thought before it spoke, where the request asks for that."""

    @property
    def thought_tokens(self) -> int:
        """The thought's share of the output."""
        return tokens_in(self.thought or "")


@dataclass(frozen=True, slots=True)
class Talk:
    """An endpoint at which a conversation goes in and a turn of the model comes out.

    `read` takes the decoded body, the ledger, and whether parameters the provider does not know are let
    through (other servers that speak its protocol have some of their own); it raises MistakeError.
    """

    path: str
    """Behind the provider's prefix."""
    read: Callable[[Body, Ledger, bool], Conversation]
    write: Callable[[Turn, Conversation, Stamp, Ledger], bytes]
    stream: Callable[[Turn, Conversation, Stamp, Ledger], Iterable[bytes]]
    holds: str
    """The parameter that holds the conversation: what is too long where it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to an endpoint at which there is no conversation."""

    body: Body
    name: str
    """The part of the path that `*` stands for."""
    query: Mapping[str, str]
    ledger: Ledger
    lenient: bool
    """As for `Talk.read`."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Any other endpoint; `answer` raises MistakeError for what the provider refuses."""

    method: str
    path: str
    """A part of `*` stands for any one."""
    answer: Callable[[Asked], bytes | list[bytes]]
    """The body, or the events of a stream."""
    counted: bool = False
    """Whether a request is a model call: the provider bills it and limits its rate."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider's wire.

    prefix     what all its paths begin with; other hosts may have another one in its place
    key        the API key in a request's headers; None: there is none
    check      raises MistakeError for headers that the provider refuses
    error      status and body of an error: `(refusal, code, param, request_id)`
    headers    of every answer, the content type first: `(request_id, refusal or None)`
    call_id    how the ids of tool calls begin
    context    tokens that a conversation may hold
    too_long   the error for one that holds more: `(tokens, the parameter that holds it)`
    nothing_at the error for a path that it does not have: `(method, path)`
    """

    name: str
    hosts: tuple[str, ...]
    prefix: str
    talks: tuple[Talk, ...]
    lookups: tuple[Lookup, ...]
    key: Callable[[Mapping[str, str]], str | None]
    check: Callable[[Mapping[str, str]], None]
    error: Callable[[Refusal, str | None, str | None, str], tuple[int, bytes]]
    headers: Callable[[str, Refusal | None], HeaderList]
    call_id: str
    context: int
    too_long: Callable[[int, str], MistakeError]
    nothing_at: Callable[[str, str], MistakeError]
    no_key: MistakeError
    wrong_key: MistakeError

    def endpoint(self, method: str, path: str, *, exact: bool) -> tuple[Talk | Lookup, str] | None:
        """What answers at this path, and what `*` stands for; without `exact` anything may stand for the prefix."""
        for talk in self.talks:
            if method == "POST" and self._is_at(path, talk.path, exact=exact):
                return talk, ""
        parts = path.split("/")
        for lookup in self.lookups:
            if method != lookup.method:
                continue
            before, star, after = lookup.path.partition("*")
            place = len(parts) - 1 - after.count("/")
            name = parts[place] if star and place > 0 else ""
            if bool(name) == bool(star) and self._is_at(path, f"{before}{name}{after}", exact=exact):
                return lookup, name
        return None

    def _is_at(self, path: str, place: str, *, exact: bool) -> bool:
        return path == self.prefix + place if exact else path.endswith(place)


def fitted(body: Body, shape: type[Shape], mistake: Callable[[str, str], MistakeError]) -> Shape:
    """The body as a typed structure; else `mistake` words the error, by what does not fit and where."""
    try:
        return msgspec.convert(body, shape)
    except msgspec.ValidationError as problem:
        found = PROBLEM.match(str(problem))
        raise (mistake(found["what"], found["path"] or "") if found else mistake(str(problem), "")) from None


@cache
def parameters(endpoint: str) -> frozenset[str]:
    """The parameters that an endpoint knows, by its name in data/provider-parameters.toml."""
    text = files("roadworthy").joinpath("data/provider-parameters.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)[endpoint]["parameters"])


def tokens_in(*texts: str) -> int:
    """An estimate."""
    return math.ceil(sum(map(len, texts)) / CHARACTERS_A_TOKEN)


def pieces(text: str | None) -> list[str]:
    """The text as a stream brings it: word by word, so that a canary stays in one piece."""
    return re.findall(r"[^ ]+ *| +", text or "")
