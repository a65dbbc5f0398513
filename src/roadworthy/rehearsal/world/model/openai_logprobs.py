"""OpenAI's log probabilities: the shape is theirs, the figures are made up, and always the same."""

from __future__ import annotations

from typing import Any

from roadworthy.rehearsal.world.model.wire import pieces

SAID = -0.01
"""Of each token that was said: the model is sure."""
BESIDE = -5.0
"""Of the likeliest token beside it; each further one is less likely by one."""
OTHERS = (
    *(" the", " a", " to", " and", " of", " in", " is", " for", " that", " it", " on", " with"),
    *(" as", " at", " by", " this", " be", " are", " from", " or", " an"),
)
"""Tokens that might have been said: one more than can be asked for, since one of them may be the one said."""


def probable(text: str, beside: int) -> list[dict[str, Any]]:
    """Each token of the text, as a stream cuts it, with the likeliest `beside`; the first of these is itself."""
    return [
        {
            **_token(piece, SAID),
            "top_logprobs": [
                _token(token, SAID if token == piece else BESIDE - place)
                for place, token in enumerate([piece, *(other for other in OTHERS if other != piece)][:beside])
            ],
        }
        for piece in pieces(text)
    ]


def _token(token: str, logprob: float) -> dict[str, Any]:
    return {"token": token, "logprob": logprob, "bytes": list(token.encode())}
