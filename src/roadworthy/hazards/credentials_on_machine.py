"""Credentials: will they still let the agent in next week?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import PRODUCTION, Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import SECRETS_STORED
from roadworthy.secret_names import is_secret

if TYPE_CHECKING:
    from datetime import datetime

    from roadworthy.check.credentials import Ends
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest, Variable

SOON = 7 * 86_400.0
"""Seconds: a credential that ends within a week ends before most people look again."""
RENEWED = 3
"""A certificate is renewed when a third of its life is left (cert-manager's and ACME clients' default)."""
AWS_ENDS, AWS_SESSION = "AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_TOKEN"
PLATFORM_RENEWS = ("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_RUNTIME_API")
"""Where these are set the platform gives each process a new session."""


@check("SEC201", "credential that ends soon", SECRETS_STORED)
def credentials_last(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Do the credentials last?

    Done: each declared secret variable that holds a JSON Web Token (`exp`), each file that a declared variable or
    `files.read` names and that holds a certificate or a chain of them, and the session of AWS where the manifest
    declares one are asked when they end. No value is shown. Tokens that do not say when they end are passed over, as
    are bundles of authorities, in which one old certificate harms nobody.

    Must hold: none has ended; in production none ends within seven days, certificates that live shorter in less than a
    third of their life: others renew those in time.

    Why: what ends on a Sunday stops the agent on a Sunday, with an error that speaks of something else. A variable
    cannot be renewed while the process runs.

    Mend: issue a new one, or let the platform give the agent an identity that is renewed (a role, a mounted token).
    """
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    said = [*_tokens(machine, manifest, now), *_certificates(machine, manifest, now), *_cloud(machine, manifest, now)]
    yield from said
    if not said:
        yield Nothing("no credential here says when it ends")


def _tokens(machine: Machine, manifest: Manifest, now: datetime) -> Iterator[Said]:
    from roadworthy.check.credentials import token_end

    for name, value in _declared(machine, manifest.env or {}).items():
        secret = (manifest.env or {})[name].secret or is_secret(name)
        ends = token_end(value) if secret and value.count(".") == 2 else None
        if ends is not None:
            yield _judged(machine, f"the token of {name}", ends, now, f"set {name} to a new token")


def _certificates(machine: Machine, manifest: Manifest, now: datetime) -> Iterator[Said]:
    from roadworthy.check.credentials import (
        CERTIFICATE,
        UnreadableCertificateError,
        certificate_end,
        certificates_in,
        paths_in,
    )

    texts: dict[str, bytes | None] = {}
    for name, value in _declared(machine, manifest.env or {}).items():
        if CERTIFICATE.decode() in value:
            texts[f"the certificate of {name}"] = value.encode("utf-8", "replace")
        for path in paths_in(value):
            texts[f"the certificate in the file that {name} names"] = certificates_in(machine.declared_path(path))
    for path in manifest.files.read:
        texts[f"the certificate in {path}"] = certificates_in(machine.declared_path(path))
    for what, text in texts.items():
        if text is None:
            continue
        try:
            ends = certificate_end(text)
        except UnreadableCertificateError as error:
            yield Untested(f"{what} was not looked at: {error}", "openssl x509 -noout -enddate -in FILE")
            continue
        if ends is not None:
            limit = SOON if ends.lifetime is None else min(SOON, ends.lifetime / RENEWED)
            yield _judged(machine, what, ends, now, "have it renewed, and mount the new one", limit)


def _cloud(machine: Machine, manifest: Manifest, now: datetime) -> Iterator[Said]:
    from roadworthy.check.credentials import Ends, written_time

    environment = machine.environment
    if not any(name.startswith("AWS_") for name in manifest.env or {}) or not environment.get(AWS_SESSION):
        return
    if any(name in environment for name in PLATFORM_RENEWS):
        return
    told = environment.get(AWS_ENDS, "")
    end = written_time(told) if told else None
    mend = "give the agent a role (a container's, a service account's) in place of copied credentials"
    if end is not None:
        yield _judged(machine, "the AWS session", Ends(end), now, mend)
    elif machine.target == PRODUCTION:
        yield problem(
            "the AWS credentials are a session's, and nothing says when it ends",
            why="a session lasts hours, and one in variables is not renewed while the process runs",
            fix=mend,
            severity=Severity.NOTE,
        )


def _declared(machine: Machine, env: Mapping[str, Variable]) -> dict[str, str]:
    return {name: machine.environment[name] for name in env if machine.environment.get(name)}


def _judged(machine: Machine, what: str, ends: Ends, now: datetime, mend: str, limit: float = SOON) -> Said:
    left = (ends.at - now).total_seconds()
    day = f"{ends.at:%Y-%m-%d %H:%M} UTC"
    if left <= 0:
        return problem(f"{what} ended {_about(-left)} ago ({day})", fix=mend)
    if left < limit and machine.target == PRODUCTION:
        return problem(f"{what} ends in {_about(left)} ({day})", fix=mend, severity=Severity.WARNING)
    return Fine(f"{what} lasts until {ends.at:%Y-%m-%d}")


def _about(seconds: float) -> str:
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return "less than a minute"
