"""The real SDKs against the simulated model of the plugin: led there, answered, refused and left waiting."""

from __future__ import annotations

import pytest
from tests.testing.project import Project

pytestmark = pytest.mark.slow

ASK = """
from openai import OpenAI, AsyncOpenAI
import anthropic

MESSAGES = [{"role": "user", "content": "hello"}]

def ask(**options):
    with OpenAI(**options) as client:
        return client.chat.completions.create(model="gpt-5.4", messages=MESSAGES).choices[0].message.content

async def ask_async(**options):
    async with AsyncOpenAI(**options) as client:
        return (await client.chat.completions.create(model="gpt-5.4", messages=MESSAGES)).choices[0].message.content

def ask_claude(**options):
    with anthropic.Anthropic(**options) as client:
        said = client.messages.create(model="claude-in-a-test", max_tokens=100, messages=MESSAGES)
    return "".join(block.text for block in said.content if block.type == "text")
"""


@pytest.fixture(autouse=True)
def agent(project: Project) -> None:
    project.write("agent.py", ASK)


def test_openai_and_anthropic_sync_and_async_are_led_there_by_their_variables(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        from agent import *

        def test_openai(simulated_model):
            simulated_model.replies("one", {"two": 2})
            assert [ask(), ask(), ask()] == ["one", '{"two": 2}', '{"two": 2}']

        async def test_async(simulated_model):
            simulated_model.replies("async")
            assert await ask_async() == "async"

        def test_anthropic(simulated_model):
            simulated_model.replies("claude")
            assert ask_claude() == "claude"

        async def test_anthropic_in_an_async_test(simulated_model):
            async with anthropic.AsyncAnthropic() as client:
                said = await client.messages.create(
                    model="claude-in-a-test", max_tokens=10, messages=MESSAGES)
            assert said.content[0].text
        """,
    )

    assert project.outcomes("-n2") == {"passed": 4}


def test_what_was_sent_is_kept_without_its_secrets(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import os
        from agent import *

        def test_requests(simulated_model):
            ask(default_headers={"x-tenant": "t-1", "x-copy": "Bearer " + os.environ["OPENAI_API_KEY"]})
            ask_claude()
            first, second = simulated_model.requests
            assert (first.method, first.path, second.path) == ("POST", "/v1/chat/completions", "/v1/messages")
            assert first.json["messages"] == MESSAGES and first.json["model"] == "gpt-5.4"
            assert first.headers["x-tenant"] == "t-1" and "authorization" not in first.headers
            told = repr(simulated_model.requests)
            assert os.environ["OPENAI_API_KEY"] not in told and os.environ["ANTHROPIC_API_KEY"] not in told
        """,
    )

    assert project.outcomes() == {"passed": 1}


def test_failures_are_met_in_order_and_retry_after_is_told(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest, openai, anthropic as claude
        from agent import *

        def test_a_client_that_waits_is_answered(simulated_model):
            simulated_model.fails(429, retry_after=1, times=1)
            simulated_model.replies("at last")
            assert ask(max_retries=1) == "at last"
            first, second = simulated_model.requests
            assert second.at - first.at >= 1

        def test_one_that_does_not_is_refused(simulated_model):
            simulated_model.fails(429, retry_after=2)
            with pytest.raises(openai.RateLimitError) as caught:
                ask(max_retries=0)
            assert caught.value.response.headers["retry-after"] == "2"
            simulated_model.recovers()
            assert ask(max_retries=0)

        def test_anthropic_words_it_its_own_way(simulated_model):
            simulated_model.fails(529)
            with pytest.raises(claude.InternalServerError) as caught:
                ask_claude(max_retries=0)
            assert caught.value.body["error"]["type"] == "overloaded_error"

        def test_a_failure_without_a_count_holds_until_something_else_is_asked_for(simulated_model):
            simulated_model.fails(500)
            for _ in range(3):
                with pytest.raises(openai.InternalServerError):
                    ask(max_retries=0)
            simulated_model.replies("well again")
            assert ask(max_retries=0) == "well again"
        """,
    )

    assert project.outcomes() == {"passed": 4}


def test_a_tool_call_is_made_with_these_arguments(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        from agent import *

        def test_both(simulated_model):
            simulated_model.calls("search", query="refund")
            simulated_model.calls("search", query="late")
            simulated_model.replies("done")
            with OpenAI() as client:
                call = client.chat.completions.create(model="m", messages=MESSAGES).choices[0].message.tool_calls[0]
            assert (call.function.name, call.function.arguments) == ("search", '{"query": "refund"}')
            with anthropic.Anthropic() as client:
                said = client.messages.create(model="m", max_tokens=9, messages=MESSAGES)
            assert (said.stop_reason, said.content[0].input) == ("tool_use", {"query": "late"})
            assert ask() == "done"
        """,
    )

    assert project.outcomes() == {"passed": 1}


def test_a_client_with_a_time_out_gives_up_on_a_stall(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest, openai
        from agent import *

        def test_sync(simulated_model):
            simulated_model.stalls()
            with pytest.raises(openai.APITimeoutError):
                ask(timeout=0.2, max_retries=1)
            assert len(simulated_model.requests) == 2

        async def test_async(simulated_model):
            simulated_model.stalls(times=1)
            with pytest.raises(openai.APITimeoutError):
                await ask_async(timeout=0.2, max_retries=0)
            assert await ask_async(timeout=9)
        """,
    )

    assert project.outcomes() == {"passed": 2}


def test_one_without_a_time_out_fails_the_test_whatever_the_test_says(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        from agent import *

        def test_it(simulated_model):
            simulated_model.stalls(within=0.3)
            try:
                ask()
            except Exception:
                pass  # a test that any error satisfies
        """,
    )

    ran = project.run()

    assert ran.outcomes == {"failed": 1}
    assert "the model stalled, and after 0.3 s the agent still waited" in ran.text


def test_a_client_that_is_a_mock_fails_the_test(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        from unittest import mock
        import agent

        def test_it(simulated_model):
            simulated_model.fails(500)
            with mock.patch.object(agent, "ask", return_value="well"):
                assert agent.ask() == "well"
        """,
    )

    ran = project.run()

    assert ran.outcomes == {"failed": 1}
    assert "nothing was asked of it" in ran.text


def test_the_variables_threads_and_sockets_are_gone_afterwards(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import os, threading, socket
        from agent import *

        BEFORE = dict(os.environ)
        PORTS = []

        def test_it(simulated_model):
            PORTS.append(simulated_model.port)
            client = OpenAI()  # never closed: its connection stays open
            client.chat.completions.create(model="m", messages=MESSAGES)
            test_it.client = client

        def test_after():
            now = dict(os.environ)
            for name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
                now.pop(name, None), BEFORE.pop(name, None)
            assert now == BEFORE
            assert threading.enumerate() == [threading.main_thread()]
            with socket.socket() as probe:
                assert probe.connect_ex(("127.0.0.1", PORTS[0])) != 0
            test_it.client.close()
        """,
    )

    assert project.outcomes() == {"passed": 2}


def test_a_status_that_is_no_error_is_refused(project: Project) -> None:
    project.write(
        "test_it.py",
        """
        import pytest
        from roadworthy.errors import UsageError

        def test_it(simulated_model):
            with pytest.raises(UsageError, match="400 to 599"):
                simulated_model.fails(200)
            with pytest.raises(UsageError, match="at least 1"):
                simulated_model.stalls(times=0)
        """,
    )

    assert project.outcomes() == {"passed": 1}
