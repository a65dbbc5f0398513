"""Loopback is closed: this process reaches no port of this machine that no declaration names."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
from collections.abc import Callable
from typing import Any

NAMES = ("localhost", "ip6-localhost", "")


class ClosedLoopback:
    """Refuses connections as a container's empty loopback does, by Python's own sockets, until `open` is called.

    What connects in C is not seen: uvloop's own streams and libpq, so psycopg. Child processes are not seen either.
    """

    def __init__(self, allowed: Callable[[int], bool], told: Callable[[str], None]) -> None:
        """`allowed` is asked for each loopback port; `told` gets each address that was refused."""
        self._allowed, self._told = allowed, told
        self._own = {name: vars(socket.socket).get(name) for name in ("connect", "connect_ex")}
        connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

        def guarded(this: socket.socket, address: Any) -> None:
            if self._refuses(this, address):
                raise ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
            connect(this, address)

        def guarded_ex(this: socket.socket, address: Any) -> int:
            return errno.ECONNREFUSED if self._refuses(this, address) else connect_ex(this, address)

        socket.socket.connect = guarded  # type: ignore[assignment, method-assign]
        socket.socket.connect_ex = guarded_ex  # type: ignore[assignment, method-assign]

    def open(self) -> None:
        """Let every connection through again."""
        for name, own in self._own.items():
            if own is None:
                delattr(socket.socket, name)
            else:
                setattr(socket.socket, name, own)

    def _refuses(self, this: socket.socket, address: Any) -> bool:
        if this.family not in (socket.AF_INET, socket.AF_INET6) or this.type != socket.SOCK_STREAM:
            return False
        host, port = address[0], address[1]
        if not is_loopback(host) or self._allowed(port):
            return False
        self._told(f"{host}:{port}")
        return True


def is_loopback(host: object) -> bool:
    """Whether a connection to this host stays on this machine, whichever way it is written."""
    if not isinstance(host, str):
        return False
    if host.lower() in NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_loopback or mapped.is_unspecified)
