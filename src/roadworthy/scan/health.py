"""Whether a file tells by which path, or library, a service says that it works."""

from __future__ import annotations

import re

HEALTH = re.compile(
    r"""/_*(?:(health\w*|ready|readyz|readiness|livez?|liveness|alive)|ping|heartbeat|status|up)/?["']""", re.IGNORECASE
)
"""How the path of a health endpoint ends; it is looked for from its slash, which is faster than from its quote."""
IMPORTED_HEALTH = re.compile(r"import[^\n]*health", re.IGNORECASE)
ROOT = re.compile(r"""\((path=)?["']/["'][,)]""")
"""How a route for the root is made."""
_NAMED = re.compile(r"def \w*health", re.IGNORECASE)
"""A function for it, beside a route for the root."""
ANSWER = re.compile(
    r"""(["'](status|message|msg|health)["']\s*:|\breturn)\s*["']([^"'{]*\s)?(ok|up|healthy|running|alive|online)[.!]?["']""",
    re.IGNORECASE,
)
"""What the root path of a service says that answers there for the same purpose."""


def tells_health(source: str) -> bool:
    """Whether this source names such a path or such a library, or says at its root that it is up."""
    for match in HEALTH.finditer(source):
        line = source[source.rfind("\n", 0, match.start()) + 1 : match.start()]
        if re.search(r"""["'][\w/{}.-]*$""" if match.group(1) else r"""["'][\w/.-]*$""", line):
            return True
    if "health" in source and IMPORTED_HEALTH.search(source):
        return True
    return ROOT.search(source) is not None and (ANSWER.search(source) is not None or _NAMED.search(source) is not None)
