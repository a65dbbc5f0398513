"""LOG201: the log level, health and metrics, and where errors go."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from pathlib import Path

import pytest

from roadworthy.check.error_sinks import fits, sinks
from roadworthy.check.machine import Machine
from roadworthy.check.run import Asked, check
from roadworthy.findings import Check, Outcome, Report, Severity
from roadworthy.manifest.loading import loads

Checked = Callable[..., Report]
LOGGING, METRICS, ERRORS = "logging configured", "health and metrics exposed", "errors reported"


def line(report: Report, text: str) -> Check:
    return next(each for each in report.checks if each.item == text)


@contextmanager
def answering(
    answers: Mapping[str, tuple[int, str]], otherwise: tuple[int, str] = (404, "text/plain")
) -> Iterator[str]:
    """A server that answers each path with a status and a content type; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind = answers.get(self.path, otherwise)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("LOG_LEVEL", "DEBUG", "LOG_LEVEL is DEBUG: everything is written"),
        ("LOG_LEVEL", "debug", "everything is written"),
        ("APP_LOG_LEVEL", "10", "APP_LOG_LEVEL is 10"),
        ("RUST_LOG", "trace,hyper=warn", "RUST_LOG is TRACE"),
        ("LOGLEVEL", "NOTSET", "everything is written"),
        ("LOG_LEVEL", "CRITICAL", "errors are not written"),
        ("LOG_LEVEL", "off", "errors are not written"),
        ("LOGGING_LEVEL", "silent", "errors are not written"),
    ],
)
def test_a_level_for_a_laptop_or_for_nobody_is_told(checked: Checked, name: str, value: str, told: str) -> None:
    report = checked("LOG201", f"env: {{{name}: {{}}}}", {name: value})

    (finding,) = report.findings
    assert told in finding.message
    assert (finding.severity, line(report, LOGGING).verdict) == (Severity.WARNING, Outcome.FAIL)


@pytest.mark.parametrize(
    ("declared", "environment"),
    [
        ("env: {LOG_LEVEL: {}}", {"LOG_LEVEL": "INFO"}),
        ("env: {LOG_LEVEL: {}}", {"LOG_LEVEL": "error"}),
        ("env: {LOG_LEVEL: {default: WARNING}}", {}),
        ("env: {RUST_LOG: {}}", {"RUST_LOG": "info,hyper=debug"}),
        ("env: {LOG_LEVEL: {}}", {"LOG_LEVEL": "20"}),
        ("env: {LOG_LEVEL: {default: DEBUG}}", {"LOG_LEVEL": "INFO"}),
    ],
)
def test_a_level_for_production_passes(checked: Checked, declared: str, environment: dict[str, str]) -> None:
    report = checked("LOG201", declared, environment)

    assert report.findings == ()
    assert line(report, LOGGING).verdict is Outcome.PASS


def test_a_default_that_is_not_overridden_counts(checked: Checked) -> None:
    report = checked("LOG201", "env: {LOG_LEVEL: {default: DEBUG}}")

    assert [each.message for each in report.findings] == ["LOG_LEVEL is DEBUG: everything is written"]


@pytest.mark.parametrize(
    ("declared", "environment", "reason"),
    [
        ("", {"LOG_LEVEL": "DEBUG"}, "no variable of a log level is declared"),
        ("env: {CATALOG_LEVEL: {}, LOG_LEVELS_FILE: {}, DEBUG: {}}", {"CATALOG_LEVEL": "0"}, "no variable of a log"),
        ("env: {LOG_LEVEL: {}}", {}, "LOG_LEVEL is not set"),
    ],
)
def test_without_a_level_nothing_is_judged(
    checked: Checked, declared: str, environment: dict[str, str], reason: str
) -> None:
    told = line(checked("LOG201", declared, environment), LOGGING)

    assert told.verdict is Outcome.NOT_TESTED
    assert reason in (told.reason or "")


def test_a_laptop_may_log_everything(checked: Checked) -> None:
    report = checked("LOG201", "env: {LOG_LEVEL: {}}", {"LOG_LEVEL": "DEBUG"}, target="local")

    assert report.findings == ()


WELL = (200, "application/json")


@pytest.mark.parametrize(
    ("health", "answers"),
    [
        ("", {"/health/live": WELL, "/health/ready": WELL, "/metrics": (200, "text/plain; version=0.0.4")}),
        ("", {"/healthz": WELL, "/metrics": (401, "text/plain")}),
        ("live: /up, ready: /up", {"/up": (204, "text/plain"), "/metrics": (200, "text/plain")}),
        ("ready: /ok", {"/ok": (200, "text/html"), "/livez": WELL, "/metrics": (200, "text/plain")}),
    ],
)
def test_endpoints_that_answer_pass(checked: Checked, health: str, answers: dict[str, tuple[int, str]]) -> None:
    with answering(answers) as url:
        report = checked("LOG201", f"agent: {{command: [node, x.js], health: {{{health}}}}}", url=url)

    assert report.findings == ()
    assert line(report, METRICS).verdict is Outcome.PASS


@pytest.mark.parametrize(
    ("health", "answers", "otherwise", "told"),
    [
        ("ready: /ok", {}, (404, "text/plain"), "the ready endpoint /ok answers 404"),
        ("ready: /ok", {"/ok": (503, "text/plain")}, (200, "text/plain"), "the ready endpoint /ok answers 503"),
        ("", {"/metrics": (200, "text/plain")}, (404, "text/plain"), "no ready endpoint answers"),
        ("", {"/health/ready": (503, "text/plain")}, (404, "text/plain"), "/health/ready answers 503"),
        ("", {}, (200, "text/html"), "no live endpoint answers"),
        ("", {}, (200, "text/html"), "/metrics is a web page"),
        ("", {"/health": WELL}, (404, "text/plain"), "/metrics answers 404"),
    ],
)
def test_endpoints_that_do_not_are_told(
    checked: Checked, health: str, answers: dict[str, tuple[int, str]], otherwise: tuple[int, str], told: str
) -> None:
    with answering(answers, otherwise) as url:
        report = checked("LOG201", f"agent: {{command: [node, x.js], health: {{{health}}}}}", url=url)

    assert told in [finding.message for finding in report.findings]


def test_no_metrics_is_a_note_and_pushed_ones_are_none(checked: Checked) -> None:
    with answering({"/health": WELL}) as url:
        pulled = checked("LOG201", "", url=url)
        pushed = checked("LOG201", "", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel:4317"}, url=url)

    assert [each.severity for each in pulled.findings] == [Severity.NOTE]
    assert pushed.findings == ()


def test_an_agent_that_is_not_there_is_told_with_its_address(checked: Checked) -> None:
    with answering({}) as url:
        pass

    report = checked("LOG201", "", url=url)

    assert any(f"nothing listens on {url.removeprefix('http://')}" in each.message for each in report.findings)


def test_a_path_below_the_url_is_kept(checked: Checked) -> None:
    with answering({"/agent/health": WELL, "/agent/metrics": WELL}) as url:
        report = checked("LOG201", "", url=f"{url}/agent/")

    assert report.findings == ()


@pytest.mark.parametrize(
    ("agent", "verdict", "reason"),
    [
        ("{command: [x], health: {ready: /ok}}", Outcome.PASS, "declared: /ok; --url asks for them"),
        ("{command: [x]}", Outcome.NOT_TESTED, "no `agent.health` is declared, and no --url is given"),
        ("{command: [x], input: stdin}", Outcome.NOT_TESTED, "a command that answers once has no health endpoint"),
    ],
)
def test_without_a_url_the_declaration_counts(checked: Checked, agent: str, verdict: Outcome, reason: str) -> None:
    told = line(checked("LOG201", f"agent: {agent}"), METRICS)

    assert (told.verdict, told.reason) == (verdict, reason)


def test_offline_asks_for_nothing(tmp_path: Path) -> None:
    manifest = loads(tmp_path / "roadworthy.yaml", "agent: {command: [x]}\n")
    with answering({}) as url:
        report = check(Machine(manifest, {}, url=url), Asked(only=("LOG201",), offline=True))

    assert line(report, METRICS).reason == "--offline"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SENTRY_DSN", "not-a-dsn"),
        ("SENTRY_DSN", "https://"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", "0a1b2c3d"),
    ],
)
def test_a_sink_that_leads_nowhere_is_told_without_its_value(checked: Checked, variable: str, value: str) -> None:
    report = checked("LOG201", f"env: {{{variable}: {{}}}}", {variable: value})

    (finding,) = report.findings
    assert finding.message.startswith(f"{variable} is set, and is no ")
    assert value not in f"{finding.message}{finding.fix}{finding.why}"


@pytest.mark.parametrize("optional", ["", "required: false"])
def test_a_sink_that_is_declared_and_not_set_is_a_warning(checked: Checked, optional: str) -> None:
    report = checked("LOG201", f"env: {{SENTRY_DSN: {{{optional}}}}}")

    (finding,) = report.findings
    assert (finding.message, finding.severity) == ("SENTRY_DSN is declared and not set", Severity.WARNING)


@pytest.mark.parametrize(
    ("declared", "environment"),
    [
        ("SENTRY_DSN: {secret: true}", {"SENTRY_DSN": "https://0123456789abcdef@o1.ingest.sentry.io/42"}),
        ("OTEL_EXPORTER_OTLP_ENDPOINT: {}", {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://otel-collector:4317"}),
        ("OTEL_EXPORTER_OTLP_ENDPOINT: {}", {"OTEL_EXPORTER_OTLP_ENDPOINT": "otel-collector:4317"}),
        ("SENTRY_DSN: {}, LOGFIRE_TOKEN: {}", {"LOGFIRE_TOKEN": "pylf_v1_us_0123"}),
        (
            "APPLICATIONINSIGHTS_CONNECTION_STRING: {}",
            {"APPLICATIONINSIGHTS_CONNECTION_STRING": "InstrumentationKey=0;IngestionEndpoint=https://a.example/"},
        ),
    ],
)
def test_a_sink_that_is_set_passes_and_is_named(checked: Checked, declared: str, environment: dict[str, str]) -> None:
    report = checked("LOG201", f"env: {{{declared}}}", environment)

    assert report.findings == ()
    (name,) = environment
    assert (line(report, ERRORS).verdict, line(report, ERRORS).reason) == (Outcome.PASS, f"{name} set")


def test_without_a_sink_nothing_is_judged(checked: Checked) -> None:
    told = line(checked("LOG201", "env: {SENTRY_ENVIRONMENT: {}}"), ERRORS)

    assert told.reason == "no error sink is declared: errors stand in the log alone"


def test_every_sink_says_what_its_value_is() -> None:
    text = (files("roadworthy.data") / "error-sinks.toml").read_text("utf-8")
    variables = re.findall(r'variable = "(.+)"', text)

    found = sinks(variables)

    assert len(found) == len(variables) > 10
    assert all(sink.wanted and not fits(sink, "") for sink in found.values())
