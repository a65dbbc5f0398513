"""SEC201: credentials that end soon, or have ended."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from roadworthy.findings import Outcome, Report, Severity

Checked = Callable[..., Report]
DAY = 86_400


def encoded(told: object) -> str:
    text = told if isinstance(told, str) else json.dumps(told)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def token(**claims: object) -> str:
    return f"{encoded({'alg': 'HS256', 'typ': 'JWT'})}.{encoded(claims)}.{encoded('a signature of thirty-two')}"


def in_days(days: float) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


def certificate(path: Path, days: float, authority: trustme.CA | None = None) -> bytes:
    """Write a certificate that ends in so many days; gives its text."""
    made = (authority or trustme.CA()).issue_cert("agent.internal", not_after=in_days(days))
    text = b"".join(blob.bytes() for blob in made.cert_chain_pems)
    path.write_bytes(text)
    return text


@pytest.mark.parametrize(
    ("seconds", "told", "severity"),
    [
        (-2.5 * DAY, "ended 2 days ago", Severity.ERROR),
        (-90, "ended 1 minute ago", Severity.ERROR),
        (3.5 * DAY, "ends in 3 days", Severity.WARNING),
        (2 * 3600 + 60, "ends in 2 hours", Severity.WARNING),
    ],
)
def test_a_token_that_ends_is_told_without_its_value(
    checked: Checked, seconds: float, told: str, severity: Severity
) -> None:
    value = token(sub="agent", exp=int(time.time() + seconds))

    report = checked("SEC201", "env: {SUPABASE_KEY: {secret: true}}", {"SUPABASE_KEY": value})

    (finding,) = report.findings
    assert (told in finding.message, finding.severity) == (True, severity)
    assert all(part not in str(report) for part in value.split("."))


def test_a_bearer_s_token_in_milliseconds_is_read(checked: Checked) -> None:
    value = f"Bearer {token(exp=int(time.time() * 1000) - 5000)}"

    report = checked("SEC201", "env: {API_TOKEN: {}}", {"API_TOKEN": value})

    assert "the token of API_TOKEN ended" in report.findings[0].message


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        ("API_KEY: {secret: true}", "one.two.three"),
        ("API_KEY: {secret: true}", "www.example.com"),
        ("API_KEY: {secret: true}", token(sub="no end")),
        ("API_KEY: {secret: true}", token(exp="tomorrow")),
        ("API_KEY: {secret: true}", token(exp=True)),
        ("API_KEY: {secret: true}", f"{encoded({'kid': 'no alg'})}.{encoded({'exp': 5})}.x"),
        ("API_KEY: {secret: true}", f"{encoded([1])}.{encoded([2])}.x"),
        ("API_KEY: {secret: true}", "github_pat_11AAAAAAA0123456789_abcdefghij"),
        ("SAMPLE: {}", token(exp=5)),
        ("VERSION: {}", "1.2.3"),
    ],
)
def test_what_says_of_no_end_is_passed_over(checked: Checked, declared: str, value: str) -> None:
    report = checked("SEC201", f"env: {{{declared}}}", {declared.partition(":")[0]: value})

    assert report.findings == ()
    assert report.checks[0].reason == "no credential here says when it ends"


def test_a_token_that_lasts_passes(checked: Checked) -> None:
    value = token(exp=int(time.time()) + 300 * DAY)

    report = checked("SEC201", "env: {API_KEY: {secret: true}}", {"API_KEY": value})

    assert report.findings == ()
    assert report.checks[0].verdict is Outcome.PASS


@pytest.mark.parametrize("target", ["ci", "local"])
def test_only_in_production_is_soon_too_soon(checked: Checked, target: str) -> None:
    env = "env: {SOON: {secret: true}, GONE: {secret: true}}"
    values = {"SOON": token(exp=int(time.time()) + 60), "GONE": token(exp=int(time.time()) - 60)}

    report = checked("SEC201", env, values, target=target)

    assert [finding.message[:17] for finding in report.findings] == ["the token of GONE"]


@pytest.mark.parametrize(("days", "told"), [(-1.5, "ended 1 day ago"), (4.5, "ends in 4 days")])
def test_a_certificate_that_a_variable_names_is_told(checked: Checked, tmp_path: Path, days: float, told: str) -> None:
    certificate(tmp_path / "tls.crt", days)

    report = checked("SEC201", "env: {TLS_CERT: {type: path}}", {"TLS_CERT": str(tmp_path / "tls.crt")})

    (finding,) = report.findings
    assert finding.message.startswith(f"the certificate in the file that TLS_CERT names {told}")


def test_a_certificate_among_the_files_is_told_and_one_that_is_a_value_too(checked: Checked, tmp_path: Path) -> None:
    text = certificate(tmp_path / "client.pem", -3)

    report = checked(
        "SEC201", "files: {read: [client.pem, absent.pem]}\nenv: {PEM: {secret: true}}", {"PEM": text.decode()}
    )

    assert sorted(finding.message.partition(" ended")[0] for finding in report.findings) == [
        "the certificate in client.pem",
        "the certificate of PEM",
    ]


def test_a_chain_ends_with_its_first_certificate(checked: Checked, tmp_path: Path) -> None:
    authority = trustme.CA()
    leaf = certificate(tmp_path / "leaf.pem", -1, authority)
    (tmp_path / "chain.pem").write_bytes(leaf + authority.cert_pem.bytes())

    report = checked("SEC201", "files: {read: [chain.pem]}")

    assert "the certificate in chain.pem ended" in report.findings[0].message


def test_a_bundle_with_one_old_authority_is_not_accused(checked: Checked, tmp_path: Path) -> None:
    old = certificate(tmp_path / "old.pem", -400)
    bundle = b"".join(trustme.CA(organization_name=f"Authority {n}").cert_pem.bytes() for n in range(5))
    (tmp_path / "bundle.pem").write_bytes(bundle + old)

    report = checked("SEC201", "env: {SSL_CERT_FILE: {}}", {"SSL_CERT_FILE": str(tmp_path / "bundle.pem")})

    assert report.findings == ()


def test_a_certificate_of_six_days_is_renewed_by_others(checked: Checked, tmp_path: Path) -> None:
    from cryptography import x509

    short = trustme.CA().issue_cert("agent.internal", not_after=in_days(3), not_before=in_days(-3))
    text = b"".join(blob.bytes() for blob in short.cert_chain_pems)
    (tmp_path / "short.pem").write_bytes(text)
    (found,) = x509.load_pem_x509_certificates(text)
    assert found.not_valid_after_utc - found.not_valid_before_utc < timedelta(days=7)

    report = checked("SEC201", "files: {read: [short.pem]}")

    assert report.findings == ()


def test_a_certificate_that_cannot_be_read_is_not_tested(checked: Checked, tmp_path: Path) -> None:
    (tmp_path / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")

    (line,) = checked("SEC201", "files: {read: [broken.pem]}").checks

    assert line.verdict is Outcome.NOT_TESTED
    assert "it holds a certificate that cannot be read" in (line.reason or "")


AWS = "env: {AWS_ACCESS_KEY_ID: {secret: true}}"
SESSION = {"AWS_ACCESS_KEY_ID": "ASIA0123456789ABCDEF", "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEXAMPLE"}


@pytest.mark.parametrize(
    ("days", "severity", "told"),
    [(-1.5, Severity.ERROR, "ended 1 day ago"), (0.5, Severity.WARNING, "ends in 11 hours")],
)
def test_a_session_of_aws_that_ends_is_told(checked: Checked, days: float, severity: Severity, told: str) -> None:
    ends = in_days(days).isoformat().replace("+00:00", "Z")

    report = checked("SEC201", AWS, {**SESSION, "AWS_CREDENTIAL_EXPIRATION": ends})

    (finding,) = report.findings
    assert (finding.severity, f"the AWS session {told}" in finding.message) == (severity, True)


def test_a_session_of_aws_without_an_end_is_a_note(checked: Checked) -> None:
    report = checked("SEC201", AWS, SESSION)

    assert [finding.severity for finding in report.findings] == [Severity.NOTE]


@pytest.mark.parametrize(
    ("declared", "environment"),
    [
        (AWS, {"AWS_ACCESS_KEY_ID": "AKIA0123456789ABCDEF"}),
        (AWS, {**SESSION, "AWS_LAMBDA_FUNCTION_NAME": "agent"}),
        ("env: {OPENAI_API_KEY: {secret: true}}", SESSION),
        ("", SESSION),
    ],
)
def test_credentials_of_aws_that_last_or_are_renewed_or_not_used_pass(
    checked: Checked, declared: str, environment: dict[str, str]
) -> None:
    assert checked("SEC201", declared, environment).findings == ()
