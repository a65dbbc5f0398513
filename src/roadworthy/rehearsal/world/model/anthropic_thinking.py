"""Anthropic's thinking: what a request for it may hold, and the signature by which a thought is known again."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Literal

import msgspec

from roadworthy.rehearsal.world.model.wire import invalid

LEAST_BUDGET = 1024
"""Tokens, as the API reference says."""
MARK = b"simulated"
"""How our signatures begin: those of the real provider cannot be checked here, and are taken as they are."""


class ThinkingAsked(msgspec.Struct):
    """The parameter `thinking`."""

    type: Literal["enabled", "adaptive", "disabled", "between_tools"]
    budget_tokens: Annotated[int, msgspec.Meta(ge=LEAST_BUDGET)] | None = None
    display: Literal["summarized", "omitted", "updates"] | None = None


def check(asked: ThinkingAsked, *, max_tokens: int, temperature: float | None, choice: str, has_tools: bool) -> None:
    """Refuse what cannot go together with a budget for thinking, as the documentation says."""
    if asked.type != "enabled":
        return
    if asked.budget_tokens is None:
        raise invalid("thinking.enabled.budget_tokens: Field required")
    # With tools a model may think between its calls, and its budget then spans all of them.
    if asked.budget_tokens >= max_tokens and not has_tools:
        raise invalid("`max_tokens` must be greater than `thinking.budget_tokens`.")
    if temperature is not None and temperature != 1:
        raise invalid("`temperature` may only be set to 1 when thinking is enabled.")
    if choice in ("any", "tool"):
        raise invalid("Thinking may not be enabled when tool_choice forces tool use.")


def signature(thinking: str) -> str:
    """The signature of a thought as it is shown."""
    return base64.b64encode(MARK + hashlib.blake2b(thinking.encode(), digest_size=24).digest()).decode()


def is_forged(thinking: str, signed: str) -> bool:
    """Whether the thought is another one than that which was signed here, or the signature is lost."""
    try:
        is_ours = base64.b64decode(signed, validate=True).startswith(MARK)
    except (binascii.Error, ValueError):
        return False
    return not signed or (is_ours and signed != signature(thinking))
