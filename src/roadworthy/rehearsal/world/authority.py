"""The run's own certificate authority: the simulated providers answer TLS, and only the stage trusts it."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def make_authority(hosts: Iterable[str], bundle: Path) -> ssl.SSLContext:
    """A server context with one certificate for all `hosts`; its authority is written to `bundle`.

    The bundle also holds this machine's own authorities, so that a declared real service stays reachable.
    """
    import trustme

    authority = trustme.CA(organization_name="roadworthy rehearsal")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    authority.issue_cert(*sorted(hosts)).configure_cert(context)
    own = SYSTEM_BUNDLE.read_bytes() if SYSTEM_BUNDLE.exists() else b""
    bundle.write_bytes(authority.cert_pem.bytes() + b"\n" + own)
    bundle.chmod(0o644)
    return context
