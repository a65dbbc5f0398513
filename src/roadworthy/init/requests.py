"""The `agent` of a draft: the start that is taken, how it is asked, and where its answer is."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Place
from roadworthy.init.answers import in_literals, path_in, stream_in
from roadworthy.init.bodies import Body, read_in
from roadworthy.init.guess import Draft, Guess, is_writable
from roadworthy.init.routes import HEALTH, Route
from roadworthy.init.servers import place_of
from roadworthy.init.shapes import QUESTIONS, Field, Shape, Type, all_fields, body_of, sample
from roadworthy.init.starts import Start
from roadworthy.manifest.formats import FORMATS, WrongFormatError

if TYPE_CHECKING:
    from roadworthy.init.discovery import Sights
    from roadworthy.scan.module import Module

EXAMPLE = "Hello, what can you do?"
_PATH = re.compile(r"/[\w./-]*")
_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}|<(?:\w+:)?(\w+)>")
RESOURCE_WORDS = ("HEAD", "GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, slots=True)
class InCode:
    """What a file that takes requests apart itself shows: `http.server`, plain ASGI."""

    body: Body
    answer: str | None
    path: str | None
    health: tuple[tuple[str, Place], ...]
    seen: Place
    stream: Mapping[str, Any] | None = None


def in_code(module: Module) -> InCode:
    """The path that a POST is compared with, the keys of its JSON, and the answer's key."""
    paths: list[tuple[str, ast.AST]] = []
    for constant in module.all(ast.Constant):
        if isinstance(constant.value, str) and _PATH.fullmatch(constant.value) and constant.value != "/":
            around = module.parent(constant)
            is_compared = isinstance(around, (ast.Compare, ast.MatchValue)) or (
                isinstance(around, (ast.Tuple, ast.Set, ast.List)) and isinstance(module.parent(around), ast.Compare)
            )
            if is_compared:
                paths.append((constant.value, constant))
    asked = [(path, node) for path, node in paths if not HEALTH.search(path)]
    health = tuple((path, place_of(module, node)) for path, node in paths if HEALTH.search(path))
    handler: ast.AST = next((each for each in module.functions if each.name == "do_POST"), module.tree.root)
    at = asked[0][1] if asked else handler
    answer = in_literals(handler) or in_literals(module.tree.root)
    events = any(each.value == "text/event-stream" for each in module.all(ast.Constant))
    return InCode(
        body=read_in(module, module.tree.root),
        answer=answer,
        path=asked[0][0] if asked else None,
        health=health,
        seen=place_of(module, at),
        stream=stream_in(module.tree.root, "sse") if events else None,
    )


def agent_of(draft: Draft, starts: list[Start], sights: Sights, env: Mapping[str, Guess]) -> None:
    """Fill in the draft's `agent` from the likeliest start, and say what else there is."""
    taken = starts[0] if starts else None
    agent = draft.agent
    if taken is None or taken.asked == "not":
        draft.is_known = False
        for start in [each for each in starts if each.remark][:4]:
            draft.remarks.append(start.remark)
        draft.remarks.append(
            "Nothing was found that a request can ask. Write how the agent is started, as an HTTP service:"
        )
        draft.remarks.append(
            "`command: [python, main.py]`; as a function: `entry: app.py:agent`; or as a command that answers once:"
        )
        draft.remarks.append("`command: [python, ask.py]` with `input: argument`.")
        agent["command"] = Guess(
            list(taken.command if taken is not None and taken.command else ("python", "main.py")), "fill in"
        )
        agent["examples"] = Guess([EXAMPLE], "an input that your agent answers well")
        return
    told = {taken.written}
    for other in starts[1:]:
        if other.asked != "not" and other.written not in told and len(told) < 5:
            told.add(other.written)
    others = [each for each in starts[1:] if each.written in told and each.written != taken.written]
    others = list({each.written: each for each in others}.values())
    if others:
        draft.remarks.append("It may also be started so:")
        draft.remarks += [f"  {'entry' if each.entry else 'command'}: {_shown(each)}  # {each.seen}" for each in others]
    if taken.remark:
        draft.remarks.append(taken.remark)
    if taken.entry is not None:
        agent["entry"] = Guess(taken.entry, str(taken.seen))
    else:
        agent["command"] = Guess(list(taken.command), str(taken.seen))
    if taken.asked in ("argument", "stdin"):
        agent["input"] = Guess(taken.asked, str(taken.seen))
    elif taken.entry is None:
        _served(draft, taken, sights, env)
    if taken.workdir is not None and taken.workdir != "/":
        agent["workdir"] = Guess(taken.workdir, f"{taken.seen.path}: WORKDIR")
    agent["examples"] = Guess([EXAMPLE], "an input that your agent answers well: requests are made from it")


def _shown(start: Start) -> str:
    from roadworthy.init.writing import flow

    return flow(start.entry if start.entry is not None else list(start.command))


def _served(draft: Draft, taken: Start, sights: Sights, env: Mapping[str, Guess]) -> None:
    agent = draft.agent
    port, comment = _port(taken, env)
    agent["port"] = Guess(port, comment)
    if taken.asked == "langgraph":
        body = {"assistant_id": taken.serves, "input": {"messages": [{"role": "user", "content": "{{input}}"}]}}
        agent["request"] = Guess(
            {"path": "/runs/wait", "json": body}, f"{taken.seen}, as LangGraph's own server is asked"
        )
        agent["answer"] = Guess("$.messages[-1].content", "the graph's last message")
        agent["health"] = Guess({"live": "/ok", "ready": "/ok"}, "LangGraph's own")
        return
    if taken.asked == "adk":
        message = {"role": "user", "parts": [{"text": "{{input}}"}]}
        body = {"app_name": taken.serves, "user_id": "{{session}}", "session_id": "{{session}}", "new_message": message}
        agent["request"] = Guess({"path": "/run", "json": body}, f"{taken.seen}, as ADK's own server is asked")
        agent["answer"] = Guess("$[-1].content.parts[0].text", "the last event's text")
        return
    if taken.asked == "a2a":
        message = {"role": "user", "parts": [{"kind": "text", "text": "{{input}}"}], "messageId": "{{session}}"}
        body = {"jsonrpc": "2.0", "id": "{{session}}", "method": "message/send", "params": {"message": message}}
        agent["request"] = Guess({"path": "/", "json": body}, f"{taken.seen}, as the A2A protocol asks")
        agent["answer"] = Guess("$.result", f"{taken.seen}; the whole message or task: name the part that is text")
        agent["health"] = Guess({"ready": "/.well-known/agent-card.json"}, "A2A's own")
        return
    route = _route(taken, sights)
    code = _code(taken, sights)
    if route is not None:
        _of_route(draft, route, sights)
        _health(
            agent,
            [(each.path, each.seen) for each in _all_routes(taken, sights) if each.method == "GET"],
            sights,
            taken,
        )
    elif code is not None:
        _of_code(draft, code)
        _health(agent, list(code.health), sights, taken)
    else:
        draft.is_known = False
        what = [
            f"{place} runs a tool server (MCP), which a rehearsal cannot ask" for _, place, _ in sights.tool_servers
        ]
        what += [f"{path} is {told}, which no HTTP request asks" for path, told in sights.screens]
        draft.remarks += what[:1]
        draft.remarks.append("No route was found that takes a question: `request` and `answer` are to be filled in.")
        agent["request"] = Guess(
            {"path": "/agent", "json": {"query": "{{input}}"}}, "fill in: where a question is sent, and how"
        )
        agent["answer"] = Guess("$", "fill in: where in the JSON the answer's text is; `$` is all of it")


def _port(taken: Start, env: Mapping[str, Guess]) -> tuple[int, str]:
    port = taken.port
    if port is None:
        return 8080, f"not seen in {taken.seen}: the port that it listens on"
    variable = env.get(port.variable or "")
    default = variable.value.get("default", "") if variable is not None else ""
    where = f"{port.seen or taken.seen}"
    if port.number is None and str(default).isdecimal() and 0 < int(default) < 65536:
        return int(default), f"{where}: the default of {port.variable}"
    if port.number is None and port.usual is not None and variable is None:
        return port.usual, f"{where}: its server's usual one"
    if port.number is None:
        return 8080, f"{where}: the value that {port.variable} has here"
    return port.number, where + (f": the default of {port.variable}" if variable is not None else "")


def _all_routes(taken: Start, sights: Sights) -> list[Route]:
    """The routes of the application that is started; all where that cannot be told."""
    owners = {each.owner for each in sights.routes}
    serves = taken.serves
    own = [
        each
        for each in sights.routes
        if serves and sights.mounts.top_of(each.owner) in (serves, *_within(serves, owners, sights))
    ]
    if not own and serves:
        module = serves.rpartition(".")[0]
        own = [each for each in sights.routes if each.module in (serves, module)]
    return own or sights.routes


def _within(serves: str, owners: set[str], sights: Sights) -> set[str]:
    """An application that a function makes has its routes within that function: `app.create_app.app`."""
    return {top for owner in owners if (top := sights.mounts.top_of(owner)).startswith(f"{serves}.")}


def _route(taken: Start, sights: Sights) -> Route | None:
    ranked = sorted(_all_routes(taken, sights), key=lambda each: (-_points(each, sights), str(each.seen)))
    return ranked[0] if ranked and _points(ranked[0], sights) > 2 else None


def _points(route: Route, sights: Sights) -> float:
    """A route's own points, with what only all files together tell: a body that is understood is a better guess."""
    _, asked, is_read = _body(route.body, sights.shapes)
    is_plain = route.answer.stream is None and not route.answer.is_text
    depth = sights.mounts.path_of(route.owner, route.path).count("/")
    asked = asked or any(each.name.lower() in QUESTIONS for each in route.body.query)
    return route.score + 3 * asked - 2 * (bool(route.body.classes) and not is_read) + is_plain - depth / 10


def _code(taken: Start, sights: Sights) -> InCode | None:
    for path, found in sights.in_code.items():
        if (
            path in taken.command
            or taken.serves.startswith(path.removesuffix(".py").replace("/", "."))
            or len(sights.in_code) == 1
        ):
            return found if found.path or found.body.fields or found.answer else None
    return None


def _of_route(draft: Draft, route: Route, sights: Sights) -> None:
    agent, known = draft.agent, sights.shapes
    chosen = {each.name: value for each in route.body.parameters if isinstance(value := sample(each, known), str)}
    written = sights.mounts.path_of(route.owner, route.path)
    path = _PARAMETER.sub(lambda found: chosen.get(found[1] or found[2], "{{session}}"), written)
    request: dict[str, Any] = {} if route.method == "POST" else {"method": route.method}
    request["path"] = path
    body, asked, is_read = _body(route.body, known)
    words = {each.name: sample(each, known) for each in route.body.query if each.is_required}
    in_query = next((each.name for name in QUESTIONS for each in route.body.query if each.name.lower() == name), None)
    if not asked and in_query is not None:
        words[in_query] = "{{input}}"
        asked = is_read = True
    if words:
        request["path"] += "?" + "&".join(f"{name}={value}" for name, value in words.items())
    if route.method not in ("GET", "HEAD", "DELETE") and (body or not asked):
        request["json"] = body if asked else {**body, "query": "{{input}}"}
    if not asked and "json" not in request:
        request["path"] += "?query={{input}}"
    if not is_writable(request["path"]) or not _fits("URL path", request["path"]):
        request["path"] = "/agent"
    comment = f"{route.seen} {route.handler}()"
    if not asked or not is_read:
        comment += "; fill in: which field takes the question was not clear"
    if route.body.is_form:
        comment += "; it takes a form, and a rehearsal sends JSON"
    agent["request"] = Guess(request, comment)
    if "{{session}}" in path:
        draft.remarks.append(
            f"{route.seen}: the id in the path of {route.path} may have to be made by another request first."
        )
    if route.guard:
        draft.remarks.append(
            f"{route.seen}: {route.guard} looks at who asks; give the header in `request: {{headers: {{…}}}}`."
        )
    _answer(draft, route, known)
    others = sorted(
        {
            f"{each.method} {sights.mounts.path_of(each.owner, each.path)}"
            for each in sights.routes
            if each is not route and each.score > 4
        }
    )
    if others:
        draft.remarks.append(f"Other routes that may be asked: {', '.join(others[:5])}")


def _answer(draft: Draft, route: Route, known: Mapping[str, Shape]) -> None:
    agent, answer = draft.agent, route.answer
    sent = agent["request"].value.get("json")
    if answer.otherwise is not None and isinstance(sent, dict) and sent.get("stream") is False:
        answer = answer.otherwise
    if answer.stream is not None:
        unsure = "; fill in: which part of an event is text" if answer.stream.get("text") == "$" else ""
        agent["stream"] = Guess(dict(answer.stream), f"{route.seen}{unsure}")
        return
    path = answer.path
    if path is None and answer.type.kind == "class":
        found = path_in(answer.type, known)
        path = f"$.{found}" if found is not None else None
    if answer.is_text:
        draft.remarks.append(
            f"{route.seen} answers with text or a page, and a rehearsal reads JSON: let it answer with JSON."
        )
    if path is not None and _fits("JSONPath", path):
        agent["answer"] = Guess(path, str(route.seen))
    else:
        agent["answer"] = Guess("$", f"{route.seen}; all of the JSON: name the part that is the answer's text")


def _body(body: Body, known: Mapping[str, Shape]) -> tuple[dict[str, Any], bool, bool]:
    """The JSON, whether the question is in it, and whether it was told which field takes it."""
    fields: list[Field] = list(body.fields)
    # A class that is not the project's own is as often what a dependency gives as what a body holds.
    classes = [each for each in body.classes if all_fields(each[1], known) is not None]
    if len(classes) == 1 and not fields:
        fields = all_fields(classes[0][1], known) or []
    else:
        fields += [Field(name, Type("class", name=dotted)) for name, dotted in classes]
    if not fields:
        return {}, False, False
    made, asked = body_of(fields, known)
    return made, asked is not None, True


def _of_code(draft: Draft, code: InCode) -> None:
    agent = draft.agent
    made, asked = body_of(list(code.body.fields), {}) if code.body.fields else ({}, None)
    request: dict[str, Any] = {"path": code.path or "/agent", "json": made if asked else {"query": "{{input}}"}}
    agent["request"] = Guess(
        request, f"{code.seen}" if code.path and asked else f"{code.seen}; look whether this is what it takes"
    )
    if code.stream is not None:
        agent["stream"] = Guess(dict(code.stream), str(code.seen))
    elif code.answer is not None and _fits("JSONPath", code.answer):
        agent["answer"] = Guess(code.answer, str(code.seen))
    else:
        agent["answer"] = Guess("$", "all of the JSON: name the part that is the answer's text")


def _health(agent: dict[str, Guess], seen: list[tuple[str, Place]], sights: Sights, taken: Start) -> None:
    found: dict[str, Place] = {}
    for route in _all_routes(taken, sights):
        if route.method == "GET" and HEALTH.search(whole := sights.mounts.path_of(route.owner, route.path)):
            found[whole] = route.seen
    found |= {path: place for path, place in seen if HEALTH.search(path) and path not in found and not sights.routes}
    if not found:
        return
    live = next((path for path in found if re.search(r"live|alive|ping", path)), None)
    ready = next((path for path in found if "ready" in path or "readiness" in path), None)
    plain = next(iter(found))
    value = {"live": live or plain, "ready": ready or plain}
    agent["health"] = Guess(value, ", ".join(dict.fromkeys(str(found[path]) for path in value.values())))


def _fits(form: str, text: str) -> bool:
    try:
        FORMATS[form].read(text)
    except (WrongFormatError, ValueError):
        return False
    return True
