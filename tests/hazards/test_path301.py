from tests.hazards.evidence import (
    baseline,
    call,
    exchange,
    judged,
    observed,
    printed,
    running,
    scenario,
    stopped,
    terms,
    trials,
)

from roadworthy.findings import Outcome, Place
from roadworthy.manifest.model import Agent
from roadworthy.rehearsal.conditions import Elsewhere, Feature

NOT_FOUND = """
Traceback (most recent call last):
  File "/srv/app/agent.py", line 6, in <module>
    PROMPT = Path("prompt.md").read_text("utf-8")
             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.12/pathlib.py", line 1028, in read_text
    with self.open(mode='r', encoding=encoding, errors=errors) as f:
FileNotFoundError: [Errno 2] No such file or directory: 'prompt.md'
"""


def test_the_project_is_moved_and_the_agent_started_elsewhere():
    (trial,) = trials("PATH301")

    assert trial.conditions == (Elsewhere(),)
    assert Feature.PREFIX in scenario("PATH301").needs


def test_an_agent_that_answers_there_passes():
    assert judged("PATH301", observed(exchange())).verdict == Outcome.PASS


def test_an_agent_that_does_not_start_there_fails_with_the_line_and_the_path():
    verdict = judged("PATH301", observed(life=stopped(1), output=printed(NOT_FOUND)))

    assert verdict.title == "moved to /srv/app and started in /: the agent did not start"
    assert verdict.where == Place("agent.py", 6, 'PROMPT = Path("prompt.md").read_text("utf-8")')
    assert verdict.fix == (
        "build the path of 'prompt.md' from the file that uses it: Path(__file__).parent / 'prompt.md'"
    )


def test_an_agent_that_starts_and_fails_the_request_fails():
    seen = observed(exchange(status=500, body={"error": "internal error"}), output=printed(NOT_FOUND))

    verdict = judged("PATH301", seen)

    assert verdict.title == "moved to /srv/app and started in /: the request failed"
    assert "No such file or directory: 'prompt.md'" in (verdict.seen or "")


def test_a_declared_working_directory_is_named():
    the = terms(Agent(command=("python", "main.py"), workdir="/app"))

    verdict = judged("PATH301", observed(exchange(status=500), the=the))

    assert verdict.title.startswith("moved to /srv/app and started in /app:")


def test_a_developers_own_path_is_called_that():
    text = "FileNotFoundError: [Errno 2] No such file or directory: '/home/dev/agent/prompt.md'"

    verdict = judged("PATH301", observed(exchange(status=500), output=printed(text)))

    assert verdict.fix is not None
    assert verdict.fix.startswith("/home/dev/agent/prompt.md is a folder of your machine alone")


def test_node_gets_a_mend_in_its_own_language():
    thrown = """
Error: ENOENT: no such file or directory, open 'prompt.md'
    at readFileSync (node:fs:448:20)
    at file:///srv/app/server.mjs:4:16
    at ModuleJob.run (node:internal/modules/esm/module_job:271:25)
"""

    verdict = judged("PATH301", observed(life=stopped(1), output=printed(thrown)))

    assert verdict.where == Place("server.mjs", 4)
    assert "path.join(import.meta.dirname, 'prompt.md')" in (verdict.fix or "")


def test_an_agent_that_answers_over_a_tool_that_lost_its_files_fails():
    lost = call(tool_results={"call_1": "rg: handbook: No such file or directory (os error 2)"})

    verdict = judged("PATH301", observed(exchange(), model_calls=[lost]))

    assert verdict.title == "moved to /srv/app and started in /: the agent answered, but a tool failed"
    assert "rg: handbook" in (verdict.seen or "")


def test_a_tool_that_found_nothing_on_the_laptop_either_is_not_accused():
    result = {"call_1": "error: no such file or directory: 'text'"}

    verdict = judged(
        "PATH301",
        observed(exchange(), model_calls=[call(tool_results=result)]),
        baseline(model_calls=[call(tool_results=result)]),
    )

    assert verdict.verdict == Outcome.PASS


def test_a_streamed_answer_without_a_health_endpoint_is_not_accused():
    seen = observed(exchange(body="data: …", shape_error=None), life=running(ready_path=None))
    seen.exchanges[0].answer, seen.exchanges[0].shape_error = f"On its way, {seen.exchanges[0].canary}", None

    assert judged("PATH301", seen).verdict == Outcome.PASS


def test_an_agent_that_stays_silent_until_the_deadline_may_have_been_slow():
    late = exchange(seconds=12.0, error="no complete answer within 12 s")

    verdict = judged("PATH301", observed(late))

    assert verdict.verdict == Outcome.FAIL
    assert verdict.evidence["rests_on_time"]


def test_a_path_with_an_apostrophe_is_named_whole():
    text = 'FileNotFoundError: [Errno 2] No such file or directory: "/home/dev/ada\'s agent/prompt.md"'

    verdict = judged("PATH301", observed(exchange(status=500), output=printed(text)))

    assert (verdict.fix or "").startswith("/home/dev/ada's agent/prompt.md is a folder")
