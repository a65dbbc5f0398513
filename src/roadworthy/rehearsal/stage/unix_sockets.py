"""The unix sockets of this machine: copy-on-write views and empty folders cut them off, so they are mounted."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from roadworthy.manifest.endpoints import Endpoint

LISTENS = 0x10000
"""__SO_ACCEPTCON (linux/net.h), in the flags of /proc/net/unix."""


def listening_sockets() -> list[Path]:
    """Every unix socket in the file system on which something listens, as far as we may connect to it."""
    try:
        lines = Path("/proc/net/unix").read_text("utf-8", "surrogateescape").splitlines()[1:]
    except OSError:
        return []
    fields = (line.split(maxsplit=7) for line in lines)
    places = {Path(each[7]) for each in fields if len(each) == 8 and int(each[3], 16) & LISTENS and each[7][0] == "/"}
    return sorted(place for place in places if os.access(place, os.W_OK))


def sockets_of(services: Iterable[Endpoint]) -> list[Path]:
    """Those of declared services; PostgreSQL's are named by the folder that they are in."""
    declared = {Path(service.host) for service in services if service.socket}
    here = [place for place in declared if place.is_socket()]  # also one of another network, as of a container
    return sorted({*here, *(place for place in listening_sockets() if declared & {place, place.parent})})
