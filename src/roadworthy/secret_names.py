"""Whether the name of a value says that it is a secret: `api_key`, and not `api_key_env` or `progress_token`."""

from __future__ import annotations

import re

_SECRET = re.compile(
    r"(?<![^_])(api_?key|secret|password|passwd|passphrase|token|jwt|authorization|credentials?|private_key|access_key)"
    r"(?![^_])",
    re.IGNORECASE,
)
_REST = re.compile(
    r"^(_(value|raw|str|string|text|plain|plaintext|data|response|resp|result|body|json|dict|headers?|key|new|old|\d+))*$",
    re.IGNORECASE,
)
"""What may follow the word where the value is still the secret."""
_OTHER = re.compile(
    r"(^|_)(is|has|no|use|n|nums?|numbers?|cnt|counts?|counter|totals?|amount|sums?|len|lengths?|sizes?|percent|ratio"
    r"|budget|usage|limit|max|min|cost|price|clip|index|idx|per|left|remaining|input|output|cached)(_|$)"
    r"|(^|_)(progress|page|next|prev(ious)?|continuation|pagination|cursor|sync|resume|stop|eos|bos|pad|unk|sep|cls|mask"
    r"|special|first|last|new_line|cancel(lation)?|fencing|version|lock|lease|device|word|sub|invalid|unknown|string)_?token$"
    r"|mask|redact|sanitiz|censor|hidden|scrub|obfusc|hash|digest|fingerprint|encrypted|public",
    re.IGNORECASE,
)
"""Words in names of what is counted, of places in a list, and of what has been made harmless."""


def is_secret(name: str) -> bool:
    """Whether what is called so lets somebody in."""
    is_one = any(_REST.match(name[found.end() :]) for found in _SECRET.finditer(name))
    return is_one and _OTHER.search(name) is None
