"""Anthropic's wire: keys, errors, headers and endpoints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import msgspec

from roadworthy.rehearsal.faults.fault import Refusal
from roadworthy.rehearsal.world.model import anthropic_messages
from roadworthy.rehearsal.world.model.wire import (
    NOT_SIMULATED,
    Asked,
    HeaderList,
    Lookup,
    MistakeError,
    Provider,
    invalid,
)

CONTEXT = 200_000
"""Tokens: the window of the models on sale, without the longer one that is asked for by a header."""
REQUESTS_A_MINUTE = 4_000
"""The highest usual tier: what the headers say while nothing is wrong."""
OVERLOADED = 529
"""Anthropic's own status for it; other providers say 503."""

ERRORS = {
    "rate_limit": "rate_limit_error",
    "insufficient_quota": "rate_limit_error",
    "overloaded": "overloaded_error",
    "server_error": "api_error",
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "not_found": "not_found_error",
    "context_length": "invalid_request_error",
}
"""The type of an error by its kind."""


def key(headers: Mapping[str, str]) -> str | None:
    """The key, from `x-api-key` or `Authorization: Bearer TOKEN`."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return headers.get("x-api-key", "").strip() or (token.strip() if scheme.lower() == "bearer" else None)


def check(headers: Mapping[str, str]) -> None:
    """Each request names the version of the API that it was written for."""
    if not headers.get("anthropic-version"):
        raise invalid("anthropic-version: header is required")


def error(refusal: Refusal, code: str | None, _param: str | None, request_id: str) -> tuple[int, bytes]:
    """Status and body of an error; its code, where it has one, stands among its details."""
    told: dict[str, object] = {"type": ERRORS[refusal.kind], "message": refusal.message}
    if code is not None:
        told["details"] = {"error_code": code}
    body = {"type": "error", "error": told, "request_id": request_id}
    return OVERLOADED if refusal.kind == "overloaded" else refusal.status, msgspec.json.encode(body)


def headers(request_id: str, refusal: Refusal | None) -> HeaderList:
    """Headers of every answer. Limits are told while there is room, and with an error that says when to retry."""
    made = [
        ("content-type", "application/json"),
        ("request-id", request_id),
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
    ]
    seconds = 0
    if refusal is not None:
        if refusal.retry_after is None:
            return made
        seconds = math.ceil(refusal.retry_after)
        made.append(("retry-after", str(seconds)))
    room = REQUESTS_A_MINUTE - 1 if refusal is None else 0
    reset = datetime.now(UTC) + timedelta(seconds=seconds)
    return [
        *made,
        ("anthropic-ratelimit-requests-limit", str(REQUESTS_A_MINUTE)),
        ("anthropic-ratelimit-requests-remaining", str(room)),
        ("anthropic-ratelimit-requests-reset", f"{reset:%Y-%m-%dT%H:%M:%SZ}"),
    ]


def too_long(tokens: int, _param: str) -> MistakeError:
    """The error for a conversation that does not fit the model's context."""
    message = f"prompt is too long: {tokens} tokens > {CONTEXT} maximum"
    return MistakeError(Refusal(400, "context_length", message))


def nothing_at(method: str, path: str) -> MistakeError:
    """The error for a path without an endpoint."""
    return MistakeError(Refusal(404, "not_found", f"Not found: {method} {path}. {NOT_SIMULATED}"))


def models(request: Asked) -> bytes:
    """The list of models: those that were asked for."""
    listed = [_described(name) for name in request.ledger.models]
    ends = (listed[0]["id"], listed[-1]["id"]) if listed else (None, None)
    return msgspec.json.encode({"data": listed, "has_more": False, "first_id": ends[0], "last_id": ends[1]})


def model(request: Asked) -> bytes:
    """One model: any name is one."""
    return msgspec.json.encode(_described(request.name))


def _described(name: str) -> dict[str, object]:
    return {
        "type": "model",
        "id": name,
        "display_name": name,
        "created_at": "2025-01-01T00:00:00Z",
        "lifecycle": "active",
        "max_input_tokens": CONTEXT,
    }


provider = Provider(
    name="anthropic",
    hosts=("api.anthropic.com",),
    prefix="/v1",
    talks=(anthropic_messages.endpoint,),
    lookups=(
        Lookup("POST", "/messages/count_tokens", anthropic_messages.count_tokens),
        Lookup("GET", "/models", models),
        Lookup("GET", "/models/*", model),
    ),
    key=key,
    check=check,
    error=error,
    headers=headers,
    call_id="toolu_",
    context=CONTEXT,
    too_long=too_long,
    nothing_at=nothing_at,
    no_key=MistakeError(Refusal(401, "authentication", "x-api-key header is required")),
    wrong_key=MistakeError(Refusal(401, "authentication", "invalid x-api-key")),
)
