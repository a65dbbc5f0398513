"""Where the answer is, and under which path a route answers; and what looks like an answer and is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from textwrap import dedent

import pytest

from roadworthy.init.guess import Draft

Drafted = Callable[[Mapping[str, str]], Draft]
HEAD = """
    import json
    from fastapi import APIRouter, FastAPI
    from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
    from pydantic import BaseModel

    app = FastAPI()

    class Ask(BaseModel):
        query: str

    class Message(BaseModel):
        role: str
        content: str

    class Chat(BaseModel):
        messages: list[Message]

    class Usage(BaseModel):
        tokens: int

    class Nested(BaseModel):
        id: str
        message: Message
        usage: Usage

    class Numbers(BaseModel):
        count: int
"""


def agent_of(draft: Drafted, handler: str) -> Mapping[str, object]:
    found = draft({"main.py": dedent(HEAD) + dedent(handler)}).agent
    return {key: guess.value for key, guess in found.items()}


@pytest.mark.parametrize(
    ("answers", "path"),
    [
        ("return {'status': 'ok', 'answer': run(ask)}", "$.answer"),
        ("return {'data': {'text': run(ask)}}", "$.data.text"),
        ("return JSONResponse({'response': run(ask)})", "$.response"),
        ("return JSONResponse(content=dict(reply=run(ask)), status_code=200)", "$.reply"),
        (
            "if not ask:\n        return JSONResponse({'message': e}, 400)\n    return {'output': run(ask)}",
            "$.output",
        ),
        ("result = {'result': run(ask)}\n    return result", "$.result"),
        ("return Nested(id='1', message=m, usage=u)", "$.message.content"),
        ("return Chat(messages=[])", "$.messages[-1].content"),
        ("return Numbers(count=1)", "$"),
        ("return {'message': 'saved'}", "$"),
        ("return {'error': run(ask)}", "$"),
        ("return run(ask)", "$"),
        ("return f'you said {ask}'", "$"),
    ],
)
def test_the_answer_is_where_the_handler_puts_text(draft: Drafted, answers: str, path: str) -> None:
    handler = f"\n@app.post('/ask')\ndef ask(ask: Ask):\n    {answers}\n"
    assert agent_of(draft, handler)["answer"] == path


@pytest.mark.parametrize(
    ("declared", "path"),
    [("response_model=Nested", "$.message.content"), ("response_model=Numbers", "$"), ("status_code=200", "$")],
)
def test_the_declared_model_tells_where_it_is(draft: Drafted, declared: str, path: str) -> None:
    handler = f"\n@app.post('/ask', {declared})\ndef ask(ask: Ask):\n    return run(ask)\n"
    assert agent_of(draft, handler)["answer"] == path


@pytest.mark.parametrize(
    ("body", "kind", "stream"),
    [
        ("yield 'data: ' + json.dumps({'content': word}) + '\\n\\n'", "text/event-stream", ("sse", "$.content", None)),
        ("yield 'data: [DONE]\\n\\n'", "text/event-stream", ("sse", "$", "[DONE]")),
        ("yield json.dumps({'token': word}) + '\\n'", "application/x-ndjson", ("ndjson", "$.token", None)),
    ],
)
def test_a_stream_is_told_as_it_is_made(
    draft: Drafted, body: str, kind: str, stream: tuple[str, str, str | None]
) -> None:
    handler = f"""
def pieces(ask):
    for word in ask.query.split():
        {body}

@app.post('/ask')
def ask(ask: Ask):
    return StreamingResponse(pieces(ask), media_type={kind!r})
"""
    found = agent_of(draft, handler)
    assert found["stream"] == dict(zip(("format", "text", "end"), stream, strict=True))
    assert "answer" not in found


def test_text_that_is_no_json_is_told(draft: Drafted) -> None:
    handler = "\n@app.post('/ask')\ndef ask(ask: Ask):\n    return PlainTextResponse(run(ask))\n"
    found = draft({"main.py": dedent(HEAD) + handler})
    assert any("a rehearsal reads JSON" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (("router = APIRouter(prefix='/chat')\n\n@router.post('')\ndef ask(q: Ask): ...\n\n"
         "app.include_router(router, prefix='/v1')\n"), "/v1/chat"),
        (("inner = APIRouter(prefix='/b')\nouter = APIRouter(prefix='/a')\nouter.include_router(inner)\n"
         "app.include_router(outer)\n\n@inner.post('/ask')\ndef ask(q: Ask): ...\n"), "/a/b/ask"),
        ("sub = FastAPI()\napp.mount('/sub', sub)\n\n@sub.post('/ask')\ndef ask(q: Ask): ...\n", "/sub/ask"),
        ("def ask(q: Ask): ...\n\napp.add_api_route('/asked', ask, methods=['POST'])\n", "/asked"),
        ("@app.post('/login')\ndef login(q: Ask): ...\n\n@app.post('/agent')\ndef go(q: Ask): ...\n", "/agent"),
        ("@app.post('/feedback')\ndef feedback(q: Ask): ...\n\n@app.post('/x')\ndef go(q: Ask): ...\n", "/x"),
    ],
)  # fmt: skip
def test_the_path_has_all_its_prefixes(draft: Drafted, source: str, path: str) -> None:
    request = agent_of(draft, "\n" + source)["request"]
    assert isinstance(request, dict)
    assert request["path"] == path


@pytest.mark.parametrize(
    ("source", "path"),
    [
        (("from flask import Flask, request\napp = Flask(__name__)\n\n"
         "def ask():\n    return {'answer': request.json['q']}\n\n"
         "app.add_url_rule('/asked', view_func=ask, methods=['POST'])\n"), "/asked"),
        (("from aiohttp import web\nroutes = web.RouteTableDef()\n\n@routes.post('/asked')\nasync def ask(request):\n"
         "    data = await request.json()\n    return web.json_response({'answer': data['q']})\n\n"
         "app = web.Application()\napp.add_routes(routes)\nweb.run_app(app)\n"), "/asked"),
        (("from aiohttp import web\n\nasync def ask(request):\n    data = await request.json()\n"
         "    return web.json_response({'answer': data['q']})\n\napp = web.Application()\n"
         "app.add_routes([web.post('/asked', ask)])\nweb.run_app(app)\n"), "/asked"),
    ],
)  # fmt: skip
def test_other_frameworks_register_in_their_own_ways(draft: Drafted, source: str, path: str) -> None:
    agent = draft({"app.py": source}).agent
    assert agent["request"].value == {"path": path, "json": {"q": "{{input}}"}}
    assert agent["answer"].value == "$.answer"


def test_who_has_to_log_in_is_told_of_the_header(draft: Drafted) -> None:
    handler = (
        "\nfrom fastapi import Depends\n\n"
        "@app.post('/ask', dependencies=[Depends(verify_token)])\ndef ask(q: Ask): ...\n"
    )
    found = draft({"main.py": dedent(HEAD) + handler})
    assert any("verify_token looks at who asks" in remark for remark in found.remarks)


@pytest.mark.parametrize(
    ("field", "sent", "key"),
    [
        ("stream: bool = False", {"query": "{{input}}"}, "answer"),
        ("stream: bool = True", {"query": "{{input}}", "stream": False}, "answer"),
        ("loud: bool = False", {"query": "{{input}}"}, "stream"),
    ],
)
def test_a_service_that_streams_on_demand_is_asked_not_to(
    draft: Drafted, field: str, sent: dict[str, object], key: str
) -> None:
    handler = f"""
class Query(BaseModel):
    query: str
    {field}

@app.post('/ask')
def ask(q: Query):
    if wanted(q):
        return StreamingResponse(pieces(q), media_type='text/event-stream')
    return {{'output': run(q)}}
"""
    found = agent_of(draft, handler)
    assert found["request"] == {"path": "/ask", "json": sent}
    assert key in found
