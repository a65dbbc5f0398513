import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hazards.evidence import observed, printed

from roadworthy.findings import Place
from roadworthy.rehearsal.observed import OutputLine
from roadworthy.rehearsal.traces import excerpt, frames, holds_traceback, last_error, traces, where

PYTHON = """
Traceback (most recent call last):
  File "/srv/app/.venv/lib/python3.12/site-packages/uvicorn/server.py", line 62, in serve
    await self._serve(sockets)
  File "/srv/app/app/agent.py", line 12, in answer
    client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])
                            ~~~~~~~~~~^^^^^^^^^^^^^^^^^^
  File "<frozen os>", line 714, in __getitem__
KeyError: 'OPENAI_API_KEY'
"""
NODE = """
/srv/app/server.mjs:12
    throw new Error("no key");
    ^

Error: no key
    at answer (file:///srv/app/lib/agent.mjs:7:11)
    at async file:///srv/app/server.mjs:12:9
    at Object.<anonymous> (/srv/app/node_modules/express/index.js:3:1)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)

Node.js v20.19.2
"""
GROUP = """
  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/main.py", line 4, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/srv/app/tools.py", line 9, in search
    |     raise ValueError("bad")
    | ValueError: bad
    +------------------------------------
"""


def test_a_python_traceback_is_read_with_its_source_lines():
    (trace,) = traces(observed(output=printed(PYTHON)))

    assert trace.message == "KeyError: 'OPENAI_API_KEY'"
    assert (trace.first, trace.last) == (0, 7)
    assert [frame.line for frame in trace.frames] == [62, 12, 714]


def test_only_the_projects_own_frames_are_kept():
    text = 'client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])'

    assert frames(observed(output=printed(PYTHON))) == [Place("app/agent.py", 12, text)]


def test_a_node_stack_is_read_the_innermost_last():
    seen = observed(output=printed(NODE))

    assert frames(seen) == [Place("server.mjs", 12), Place("lib/agent.mjs", 7)]
    assert where(seen) == Place("lib/agent.mjs", 7)
    assert last_error(seen) == "Error: no key"


def test_the_members_of_an_exception_group_are_read():
    assert where(observed(output=printed(GROUP))) == Place("tools.py", 9, 'raise ValueError("bad")')
    assert last_error(observed(output=printed(GROUP))) == "ValueError: bad"


@pytest.mark.parametrize(
    "line",
    [
        json.dumps({"level": "ERROR", "exception": PYTHON.strip()}),
        'level=error exc="' + PYTHON.strip().replace('"', '\\"').replace("\n", "\\n") + '"',
    ],
    ids=["JSON", "logfmt"],
)
def test_a_traceback_within_a_log_record_is_read(line: str):
    seen = observed(output=printed(f"started\n{line}"))

    (place,) = frames(seen)
    assert (place.path, place.line) == ("app/agent.py", 12)
    assert (traces(seen)[0].first, traces(seen)[0].last) == (1, 1)


def test_of_several_tracebacks_the_last_one_is_where_to_look():
    later = PYTHON.replace("line 12", "line 80")

    found = where(observed(output=[*printed(PYTHON), *printed(later, at=2.0)]))

    assert found is not None
    assert found.line == 80


def test_two_streams_do_not_cut_into_each_others_tracebacks():
    lines = printed(PYTHON)
    mixed = [line for pair in zip(lines, printed("access\n" * 8, stream="stdout"), strict=True) for line in pair]

    assert last_error(observed(output=mixed)) == "KeyError: 'OPENAI_API_KEY'"
    assert len(frames(observed(output=mixed))) == 1


def test_tracebacks_from_before_do_not_count():
    assert where(observed(output=printed(PYTHON, at=1.0)), since=2.0) is None


def test_without_a_traceback_the_first_name_that_the_source_mentions_is_where_to_look():
    place = Place("settings.py", 3)

    assert where(observed(mentions={"b": place}), "a", "b", "c") == place


def test_a_relative_path_is_the_projects_and_one_outside_is_not():
    text = '  File "main.py", line 3, in <module>\n    x\n  File "/opt/tool.py", line 1, in y\n    z\nValueError: no'

    assert frames(observed(output=printed(text))) == [Place("main.py", 3, "x")]


def test_a_syntax_error_at_start_is_read():
    text = "  File \"/srv/app/main.py\", line 3\n    def answer(\n              ^\nSyntaxError: '(' was never closed"

    assert where(observed(output=printed(text))) == Place("main.py", 3, "def answer(")


def test_a_line_that_looks_like_an_error_is_better_than_nothing():
    seen = observed(output=printed("started\nERROR: the disk is full\nbye"))

    assert last_error(seen) == "ERROR: the disk is full"
    assert last_error(observed(output=printed("started\nno error here"))) is None


def test_an_excerpt_ends_with_the_last_traceback():
    seen = observed(output=printed("noise\n" * 20 + PYTHON.strip() + "\nGET /health 200"))

    shown = excerpt(seen)

    assert len(shown) == 12
    assert shown[-1] == "KeyError: 'OPENAI_API_KEY'"


def test_an_excerpt_leaves_out_what_came_long_after():
    seen = observed(output=[*printed("the failure", at=1.0), *printed("shutting down", at=9.0)])

    assert excerpt(seen, around=1.1) == ("the failure",)
    assert excerpt(seen) == ("the failure", "shutting down")


def test_an_excerpt_shows_frames_from_the_project_and_from_the_libraries_folder():
    shown = excerpt(observed(output=printed(PYTHON.strip())))

    assert '  File "…/site-packages/uvicorn/server.py", line 62, in serve' in shown
    assert '  File "app/agent.py", line 12, in answer' in shown


@pytest.mark.parametrize("text", ["GET /site-packages/x", "OSError: [Errno 30] Read-only: '/srv/app/a.log'"])
def test_an_excerpt_leaves_other_paths_alone(text):
    assert excerpt(observed(output=printed(text))) == (text,)


def test_long_lines_are_cut():
    assert len(excerpt(observed(output=printed("x" * 5000)))[0]) == 300


@pytest.mark.parametrize(
    "text",
    [
        PYTHON,
        json.dumps({"error": PYTHON}),
        NODE,
        json.dumps({"stack": NODE}),
        "<pre>Error: 429 no quota<br> &nbsp; &nbsp;at APIError.generate (file:///app/core/error.mjs:40:20)</pre>",
        'Exception in thread "main" java.lang.IllegalStateException: no\n\tat com.example.Agent.run(Agent.java:12)\n',
        "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n",
    ],
    ids=["Python", "Python in JSON", "Node", "Node in JSON", "Express", "Java", "Go"],
)
def test_an_answer_with_a_stack_trace_is_found_out(text: str):
    assert holds_traceback(text)


@pytest.mark.parametrize(
    "text",
    [
        "Meet us\n at the office (3rd floor), 12:30:00",
        "<p>Meet us<br>at the office, 12:30</p>",
        "KeyError: 'x'",
        '{"error": "timed out after 30 s"}',
        "Look at file.py:12:3 for the place.",
        'The file "a.txt", line 3, is wrong.',
    ],
)
def test_an_answer_without_one_is_left_alone(text: str):
    assert not holds_traceback(text)


@given(st.lists(st.sampled_from([*PYTHON.split("\n"), *NODE.split("\n"), *GROUP.split("\n"), '{"a": "\\n at "}'])))
def test_any_order_of_lines_is_read_without_an_error(lines: list[str]):
    seen = observed(output=[OutputLine(number / 10, "stderr", line) for number, line in enumerate(lines)])

    for trace in traces(seen):
        assert 0 <= trace.first <= trace.last < len(lines)
    assert len(excerpt(seen)) <= 12


def test_an_excerpt_shows_a_records_traceback_line_by_line_and_without_markers():
    record = json.dumps({"level": "ERROR", "message": "request failed", "traceback": PYTHON.strip()})

    shown = excerpt(observed(output=printed(record)))

    assert shown[0] == "request failed"
    assert shown[-1] == "KeyError: 'OPENAI_API_KEY'"
    assert not any("~~~" in line for line in shown)


def test_of_a_json_record_the_message_is_the_error():
    record = json.dumps({"level": "ERROR", "message": "the provider answered 400", "id": 1})

    assert last_error(observed(output=printed(record))) == "the provider answered 400"
