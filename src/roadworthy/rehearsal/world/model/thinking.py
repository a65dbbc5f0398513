"""What the model thinks before it speaks, where a request asks for that: the same for the same request."""

from __future__ import annotations

import re

from roadworthy.rehearsal.canary import PATTERN
from roadworthy.rehearsal.world.model.conversation import Conversation
from roadworthy.rehearsal.world.model.writing_tools import words


def thought(conversation: Conversation) -> str | None:
    """The thought; None where it is not asked for, or where it would take more than half of the tokens allowed.

    There is no canary in it: it is no answer.
    """
    if not conversation.thinks:
        return None
    text = f"The request is about {telling_word(PATTERN.sub(' ', conversation.last_user_text))}. "
    text += "I use what the tools have found." if conversation.results else "I look at what I have been told."
    room = conversation.max_tokens
    return text if room is None or len(text) <= room * 2 else None


def telling_word(said: str) -> str:
    """The word of a request that says most: the longest that is no everyday word."""
    telling = [word for word in re.findall(r"[^\W\d_]{3,}", said) if word.lower() not in words("everyday")]
    return max(telling, key=len, default="example")
