"""How a service is asked, and where its answer is: by the route that is likeliest the agent's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from roadworthy.findings import Place
from roadworthy.init.answers import path_in
from roadworthy.init.bodies import Body
from roadworthy.init.guess import Draft, Guess, is_writable
from roadworthy.init.routes import HEALTH, Route
from roadworthy.init.shapes import QUESTIONS, Field, Shape, Type, all_fields, body_of, sample
from roadworthy.manifest.formats import FORMATS, WrongFormatError

if TYPE_CHECKING:
    from roadworthy.init.in_code import InCode
    from roadworthy.init.sights import Sights
    from roadworthy.init.starts import Start

_PARAMETER = re.compile(r"\{(\w+)(?::[^}]*)?\}|<(?:\w+:)?(\w+)>")


def ask(draft: Draft, taken: Start, sights: Sights) -> None:
    """Fill in `request`, `answer` or `stream`, and `health` of the service that is started so."""
    agent = draft.agent
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
    if not own and serves:
        own = [each for each in sights.routes if each.module in sights.imported_by(serves)]
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
    others = {
        f"{each.method} {sights.mounts.path_of(each.owner, each.path)}" for each in sights.routes if each.score > 4
    }
    others.discard(f"{route.method} {written}")
    if others:
        draft.remarks.append(f"Other routes that may be asked: {', '.join(sorted(others)[:5])}")


def _answer(draft: Draft, route: Route, known: Mapping[str, Shape]) -> None:
    agent, answer = draft.agent, route.answer
    if answer.otherwise is not None and any(each.name == "stream" for each in _fields(route.body, known)):
        answer = answer.otherwise  # it is asked not to, or does not by itself
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
    fields = _fields(body, known)
    if not fields:
        return {}, False, False
    made, asked = body_of(fields, known)
    return made, asked is not None, True


def _fields(body: Body, known: Mapping[str, Shape]) -> list[Field]:
    """The fields of the JSON."""
    # A class that is not the project's own is as often what a dependency gives as what a body holds.
    classes = [each for each in body.classes if all_fields(each[1], known) is not None]
    if len(classes) == 1 and not body.fields:
        return all_fields(classes[0][1], known) or []
    return [*body.fields, *(Field(name, Type("class", name=dotted)) for name, dotted in classes)]


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
