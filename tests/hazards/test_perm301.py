from tests.hazards.evidence import call, exchange, judged, observed, printed, stopped, trials

from roadworthy.findings import Outcome, Place
from roadworthy.rehearsal.conditions import Unprivileged

READ_ONLY = """
Traceback (most recent call last):
  File "/srv/app/agent.py", line 31, in answer
    with (Path(__file__).parent / "questions.log").open("a") as questions:
OSError: [Errno 30] Read-only file system: '/srv/app/questions.log'
"""


def test_the_agent_runs_as_an_ordinary_user():
    assert trials("PERM301")[0].conditions == (Unprivileged(),)


def test_an_agent_that_answers_passes():
    verdict = judged("PERM301", observed(exchange()))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ()


def test_an_agent_that_writes_beside_its_code_fails_with_the_line_and_where_to_write():
    verdict = judged("PERM301", observed(exchange(status=500), output=printed(READ_ONLY)))

    assert verdict.title == "an ordinary user on a read-only disk: the request failed"
    assert verdict.where is not None
    assert (verdict.where.path, verdict.where.line) == ("agent.py", 31)
    assert "files: {write: [/var/lib/agent]}" in (verdict.fix or "")


def test_an_agent_that_makes_a_folder_at_start_fails():
    text = READ_ONLY.replace("in answer", "in <module>")

    assert "did not start" in judged("PERM301", observed(life=stopped(1), output=printed(text))).title


def test_a_script_without_its_run_bit_gets_the_command_that_mends_it():
    text = "PermissionError: [Errno 13] Permission denied: './tools/search.sh'"

    verdict = judged("PERM301", observed(exchange(status=500), output=printed(text)))

    assert "git update-index --chmod=+x" in (verdict.fix or "")


def test_an_agent_that_does_without_what_it_may_not_write_passes_with_a_note():
    text = "warning: no cache: [Errno 30] Read-only file system: '/home/agent/.cache'"

    verdict = judged("PERM301", observed(exchange(), output=printed(text)))

    assert verdict.verdict == Outcome.PASS
    assert verdict.notes == ("it answered, and printed: Read-only file system: '/home/agent/.cache'",)


def test_a_tool_that_was_denied_what_it_needs_fails():
    denied = call(tool_results={"call_1": "error: [Errno 13] Permission denied: '/var/cache/index'"})

    assert "a tool failed" in judged("PERM301", observed(exchange(), model_calls=[denied])).title


def test_the_output_of_a_started_agent_is_shown_up_to_the_error():
    text = "started\n" * 30 + READ_ONLY + "\nGET /health 200\n"

    verdict = judged("PERM301", observed(exchange(status=500), output=printed(text)))

    assert verdict.output[-1] == "OSError: [Errno 30] Read-only file system: '/srv/app/questions.log'"
    assert len(verdict.output) == 12
    assert isinstance(verdict.where, Place)


def test_a_path_of_the_project_is_named_as_it_is_in_the_project():
    verdict = judged("PERM301", observed(exchange(status=500), output=printed(READ_ONLY)))

    assert (verdict.fix or "").startswith("write questions.log below /tmp")
