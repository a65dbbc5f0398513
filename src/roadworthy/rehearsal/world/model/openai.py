"""OpenAI's wire: keys, errors, headers and endpoints. What is said at an endpoint has a file of its own."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from roadworthy.rehearsal.faults.fault import Refusal
from roadworthy.rehearsal.world.model import openai_chat, openai_embeddings, openai_responses, openai_responses_kept
from roadworthy.rehearsal.world.model.wire import NOT_SIMULATED, HeaderList, Lookup, MistakeError, Provider

REQUESTS_A_MINUTE, TOKENS_A_MINUTE = 10_000, 30_000_000
"""Limits of the highest usage tier: what the headers say while nothing is wrong."""

ERRORS: dict[str, tuple[str, str | None]] = {
    "rate_limit": ("requests", "rate_limit_exceeded"),
    "insufficient_quota": ("insufficient_quota", "insufficient_quota"),
    "overloaded": ("server_error", None),
    "server_error": ("server_error", None),
    "invalid_request": ("invalid_request_error", None),
    "authentication": ("invalid_request_error", "invalid_api_key"),
    "not_found": ("invalid_request_error", "model_not_found"),
    "context_length": ("invalid_request_error", "context_length_exceeded"),
}
"""Type and code of an error by its kind, as the API's errors have them."""
CONTEXT = 128_000
"""Tokens: the smallest window among the models that are on sale for agents."""


def key(headers: Mapping[str, str]) -> str | None:
    """The key, from `Authorization: Bearer KEY`."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return given.strip() or None if scheme.lower() == "bearer" else headers.get("api-key")


def error(refusal: Refusal, code: str | None, param: str | None, _request_id: str) -> tuple[int, bytes]:
    """Status and body of an error."""
    kind, usual = ERRORS[refusal.kind]
    body = {"error": {"message": refusal.message, "type": kind, "param": param, "code": code or usual}}
    return refusal.status, msgspec.json.encode(body)


def headers(request_id: str, refusal: Refusal | None) -> HeaderList:
    """Headers of every answer. Limits are told while there is room, and with an error that says when to retry."""
    made = [
        ("content-type", "application/json"),
        ("openai-organization", "org-rehearsal"),
        ("openai-processing-ms", "1"),
        ("openai-version", "2020-10-01"),
        ("x-request-id", request_id),
    ]
    if refusal is None:
        return made + LIMITS
    if refusal.retry_after is not None:
        seconds = str(math.ceil(refusal.retry_after))
        made += [
            ("retry-after", seconds),
            ("x-ratelimit-limit-requests", str(REQUESTS_A_MINUTE)),
            ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", f"{seconds}s"),
        ]
    return made


LIMITS = [
    ("x-ratelimit-limit-requests", str(REQUESTS_A_MINUTE)),
    ("x-ratelimit-limit-tokens", str(TOKENS_A_MINUTE)),
    ("x-ratelimit-remaining-requests", str(REQUESTS_A_MINUTE - 1)),
    ("x-ratelimit-remaining-tokens", str(TOKENS_A_MINUTE - 1000)),
    ("x-ratelimit-reset-requests", "6ms"),
    ("x-ratelimit-reset-tokens", "2ms"),
]


def too_long(tokens: int, param: str) -> MistakeError:
    """The error for a conversation that does not fit the model's context."""
    message = (
        f"This model's maximum context length is {CONTEXT} tokens. However, your messages resulted in "
        f"{tokens} tokens. Please reduce the length of the messages."
    )
    return MistakeError(Refusal(400, "context_length", message), param=param)


def nothing_at(method: str, path: str) -> MistakeError:
    """The error for a path without an endpoint."""
    return MistakeError(Refusal(404, "invalid_request", f"Invalid URL ({method} {path}). {NOT_SIMULATED}"))


def _accepts_any(_headers: Mapping[str, str]) -> None:
    """No header but the key's is demanded."""


provider = Provider(
    name="openai",
    hosts=("api.openai.com",),
    prefix="/v1",
    talks=(openai_chat.endpoint, openai_responses.endpoint),
    lookups=(
        Lookup("POST", "/embeddings", openai_embeddings.embeddings, counted=True),
        Lookup("GET", "/models", openai_embeddings.models),
        Lookup("GET", "/models/*", openai_embeddings.model),
        Lookup("POST", "/responses/input_tokens", openai_responses.count_tokens),
        Lookup("GET", "/responses/*", openai_responses_kept.retrieve),
        Lookup("DELETE", "/responses/*", openai_responses_kept.delete),
        Lookup("GET", "/responses/*/input_items", openai_responses_kept.input_items),
        Lookup("POST", "/responses/*/cancel", openai_responses_kept.cancel),
        Lookup("POST", "/traces/ingest", openai_embeddings.traces),
    ),
    key=key,
    check=_accepts_any,
    error=error,
    headers=headers,
    call_id="call_",
    context=CONTEXT,
    too_long=too_long,
    nothing_at=nothing_at,
    no_key=MistakeError(
        Refusal(401, "authentication", "You didn't provide an API key in the Authorization header (Bearer KEY)."),
        code="missing_api_key",
    ),
    wrong_key=MistakeError(Refusal(401, "authentication", "Incorrect API key provided.")),
)
