"""When credentials end: what a token, a certificate or a cloud's session says of itself."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
LARGEST_FILE = 1 << 20
"""Bytes of a file that is looked into: the largest bundle of authorities has a quarter of that."""
MILLISECONDS = 100_000_000_000
"""A time above this (the year 5138) is written in milliseconds, as some issuers do."""


@dataclass(frozen=True, slots=True)
class Ends:
    """When something ends, and how long it is good for all in all, in seconds; None where that is not told."""

    at: datetime
    lifetime: float | None = None


class UnreadableCertificateError(Exception):
    """A file that holds certificates, and the reason why nothing can be said of them."""


def token_end(value: str) -> Ends | None:
    """When a JSON Web Token ends (RFC 7519: `exp`); None for anything else, and for one that has no end."""
    parts = value.strip().removeprefix("Bearer ").split(".")
    if len(parts) != 3:
        return None
    header, claims = _decoded(parts[0]), _decoded(parts[1])
    if header is None or claims is None or "alg" not in header:
        return None
    end, start = _time(claims.get("exp")), _time(claims.get("iat"))
    if end is None:
        return None
    return Ends(end, (end - start).total_seconds() if start is not None else None)


def written_time(text: str) -> datetime | None:
    """A time of ISO 8601 or in seconds since 1970; None for anything else."""
    if text.isdecimal():
        return _time(int(text))
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def certificates_in(path: Path) -> bytes | None:
    """The text of a file that holds certificates; None for any other, and for one that cannot be read."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST_FILE:
            return None
        text = path.read_bytes()
    except (OSError, ValueError):
        return None
    return text if CERTIFICATE in text else None


def certificate_end(text: bytes) -> Ends | None:
    """When the certificate ends that stands first in a chain; None for a bundle of authorities.

    What comes behind it may have ended: clients take an authority that they know in its place (cross-signed roots).
    Raises UnreadableCertificateError.
    """
    try:
        from cryptography import x509
    except ImportError as error:
        raise UnreadableCertificateError("the package `cryptography` is not installed") from error
    try:
        found = x509.load_pem_x509_certificates(text)
    except ValueError as error:
        raise UnreadableCertificateError("it holds a certificate that cannot be read") from error
    if any(one.issuer != next_.subject for one, next_ in pairwise(found)):
        return None  # a bundle: one old authority among many harms nobody
    if not found:
        return None
    end = found[0].not_valid_after_utc
    return Ends(end, (end - found[0].not_valid_before_utc).total_seconds())


def paths_in(value: str) -> Iterator[str]:
    """A variable's value, where it may be the path of a file."""
    if 1 < len(value) < 1024 and "\n" not in value and "\0" not in value and "://" not in value:
        yield value


def _decoded(part: str) -> dict[str, object] | None:
    try:
        told = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _time(seconds: object) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or seconds <= 0:
        return None
    try:
        return datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None
