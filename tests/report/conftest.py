"""One report in which every field of every type is set, and one in which none is."""

import pytest

from roadworthy.findings import (
    Check,
    Cost,
    Edit,
    Finding,
    Missing,
    Outcome,
    Place,
    Replacement,
    Report,
    Severity,
    SourceRead,
    StageSummary,
    Verdict,
    WaiverState,
    WaiverUse,
)

NO_LIMIT = "the memory of a process group cannot be limited here: cgroups are not delegated to this user"


@pytest.fixture
def hazards() -> dict[str, str]:
    return {
        "ENV": "Environment variables aren't there",
        "PATH": "File paths are wrong",
        "RATE": "Rate limits hit differently",
        "MEM": "Memory, CPU and disk are limited",
        "COLD": "Cold starts",
        "LIFE": "The process's life",
    }


@pytest.fixture
def report() -> Report:
    return Report(
        verb="rehearse",
        agent="support-agent",
        stage=StageSummary(
            backend="bubblewrap",
            tier="B",
            enforced=("variables", "another prefix", "empty loopback"),
            missing=(
                Missing("memory limit", NO_LIMIT, "sudo systemctl enable --now user@$(id -u).service"),
                Missing("process 1", "the back end starts an init of its own"),
            ),
        ),
        verdicts=(
            Verdict(
                Outcome.FAIL,
                code="ENV302",
                hazard="ENV",
                title="OPENAI_API_KEY taken away: the agent said it was ready and failed on the first request",
                seen="POST /agent -> 500 after 41 ms; its output: KeyError: 'OPENAI_API_KEY'",
                should="exit, or stay not ready, within 5 s and name the variable",
                where=Place("app/agent.py", 12, '    key = os.environ["OPENAI_API_KEY"]'),
                fix="read it when the process starts: roadworthy.settings(), or `roadworthy check --` before the "
                "command",
                notes=("LOG_LEVEL taken away: not required",),
                output=(
                    *(f"INFO:     start-up step {step} of 9" for step in range(1, 10)),
                    "Traceback (most recent call last):",
                    '  File "/srv/app/app/agent.py", line 12, in answer',
                    '    key = os.environ["OPENAI_API_KEY"]',
                    "          ~~~~~~~~~~^^^^^^^^^^^^^^^^^^",
                    "KeyError: 'OPENAI_API_KEY'",
                ),
                seconds=2.13,
                evidence={"variable": "OPENAI_API_KEY", "status": 500},
            ),
            Verdict(
                Outcome.PASS,
                code="PATH301",
                hazard="PATH",
                title="started from another folder",
                notes=("`npm start` keeps its folder: only the prefix was changed",),
                seconds=0.94,
            ),
            Verdict(
                Outcome.PASS,
                code="RATE301",
                hazard="RATE",
                title="429 with Retry-After for 3 s",
                seconds=5.31,
            ),
            Verdict(
                Outcome.NOT_TESTED,
                code="MEM301",
                hazard="MEM",
                title="the declared memory, with a large workspace and loud tools",
                reason=NO_LIMIT,
                fix="sudo systemctl enable --now user@$(id -u).service",
            ),
            Verdict(
                Outcome.NOT_TESTED,
                code="MEM302",
                hazard="MEM",
                title="memory over many requests",
                reason=NO_LIMIT,
                fix="sudo systemctl enable --now user@$(id -u).service",
            ),
            Verdict(
                Outcome.NOT_TESTED,
                code="COLD301",
                hazard="COLD",
                title="a cold start with the declared CPU",
                reason="unsteady: 4.8 s, then 5.3 s to ready, around a budget of 5 s",
            ),
            Verdict(
                Outcome.FAIL,
                code="LIFE301",
                hazard="LIFE",
                title="SIGTERM during a request: exited after 10.2 s",
                seen="the request was answered; exit after 10.2 s",
                should="exit within 10 s",
                fix="stop the background thread when SIGTERM comes",
                seconds=12.0,
                waived="the orchestrator waits 60 s",
            ),
            Verdict(
                Outcome.FAIL,
                code="LIFE302",
                hazard="LIFE",
                severity=Severity.WARNING,
                title="the caller goes away: the model was called once more",
                seen="a new model call 2.4 s after the held one ended",
                should="no new call later than 1 s after the held one ends",
                where=Place("app/agent.py"),
                fix="pass the request's disconnect on as cancellation",
                seconds=6.5,
            ),
        ),
        checks=(
            Check("environment", "all variables set", Outcome.PASS, ("ENV201",)),
            Check(
                "environment",
                "values not copied from local",
                Outcome.FAIL,
                ("ENV204",),
                "DATABASE_URL is the one in .env",
                "set the one of this environment",
            ),
            Check("network", "outbound allowed", Outcome.NOT_TESTED, ("NET205",), "no service is declared"),
        ),
        findings=(
            Finding(
                "PATH101",
                "opens 'config.yaml' relative to the working directory",
                Severity.WARNING,
                "PATH",
                "app/agent.py",
                3,
                8,
                3,
                "production starts the process in another folder",
                "Path(__file__).parent / 'config.yaml'",
                Edit("app/agent.py", "5" * 64, (Replacement((3, 8), (3, 21), "here('config.yaml')"),)),
            ),
        ),
        waivers=(
            WaiverUse("LIFE301", "the orchestrator waits 60 s", "2027-01-31", WaiverState.USED),
            WaiverUse("LIFE302", "answers are idempotent", "2026-01-31", WaiverState.EXPIRED),
            WaiverUse("PATH301", "started from the root", None, WaiverState.UNUSED),
            WaiverUse("LIFE999", "mistyped", None, WaiverState.UNKNOWN),
            WaiverUse("MEM301", "cannot be limited here"),
        ),
        cost=Cost(2.0, 1830.5, 120.0),
        seconds=21.42,
        seed=4711,
        manifest="examples/fragile",
        arguments=("--agent", "support-agent"),
        notes=("delete_customer was not called: --allow-writes calls tools that write",),
    )


@pytest.fixture
def scan_report() -> Report:
    """Two hazards; one mistake twice, one in a line with a tab, a file that could not be read."""
    opened = "production starts the process in another folder, and the file is not found there"
    return Report(
        verb="scan",
        agent="support-agent",
        manifest="support",
        findings=(
            Finding(
                *("PATH101", "opens 'config.yaml' relative to the working directory", Severity.ERROR, "PATH"),
                *("app/agent.py", 3, 8, 3, opened, "`Path(__file__).parent / 'config.yaml'`", None),
                '\tload(open("config.yaml"))',
            ),
            Finding(
                *("PATH101", "opens 'config.yaml' relative to the working directory", Severity.WARNING, "PATH"),
                *("app/tools.py", 12, 5, 14, opened, "`Path(__file__).parent / 'config.yaml'`"),
                Edit("app/tools.py", "5" * 64, (Replacement((12, 10), (12, 23), 'here("config.yaml")'),)),
                '    open("config.yaml",',
            ),
            Finding(
                *("LOG103", "the log level is DEBUG, whatever the environment says", Severity.NOTE, "LOG"),
                *("app/agent.py", 1, 1, 1, "to see more, the code has to be changed", "let a variable say it", None),
                "logging.basicConfig(level=logging.DEBUG)",
            ),
        ),
        source=SourceRead(2, 1830, ("app/old.py:7: no Python 3.11: Missing parentheses in call to 'print'",)),
        notes=("app/agent.py:9: `ignore[ENV101]` keeps nothing quiet: take it out",),
        seconds=0.12,
    )


@pytest.fixture
def bare_report() -> Report:
    return Report("rehearse", "agent", verdicts=(Verdict(Outcome.PASS, code="ENV301", hazard="ENV", title="ok"),))
