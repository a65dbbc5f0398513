"""Mappings that hold conversations: whose key names one, and whose values are what a conversation consists of.

A session's log level, its browser or its circuit breaker is under a session's key too, and is no conversation.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from roadworthy.scan.module import Module
    from roadworthy.scan.state import Change

KEY = re.compile(
    r"(^|[^a-z])(session|conversation|conv|thread|chat|user|sender|customer|contact|phone|channel|context|call)"
    r"(_?(id|key|number|uuid|name))?s?([^a-z]|$)|(^|[^a-z])(sid|uid)([^a-z]|$)"
)
"""Keys that name a conversation, in lower case: `session_id`, `request.user.id`."""
ELSEWHERE = (
    *("lock", "task", "connection", "websocket", "socket", "queue", "event", "limit", "cache", "client", "tool"),
    *("breaker", "level", "device", "sandbox", "browser", "quota", "throttle", "cooldown", "stop_flag", "cancel"),
)
"""Words in names of what is no conversation, or cannot live outside of the process."""
_NAMED = re.compile(
    r"(^|_)(conversations?|chat_?(histor(y|ies)|logs?|memor(y|ies)|messages|sessions)|histories|message_histor(y|ies)|"
    r"dialog(ue)?s?|transcripts?|memories|chats|messages|turns)"
    r"(_(by|of|for|per)_\w+|_(store|history|map|dict|db|data|states?|memory|buffer))?$"
)
"""Names of mappings that say that they hold conversations, in lower case."""
_NAMED_ALONE = re.compile(r"conversation|chat_?(histor|session)|histories|dialog|transcript")
"""Words in those of them that say it whatever the key is."""
_OF_OBJECTS = (
    *("session", "histor", "threads", "memor", "store", "users", "contexts", "states", "agents", "assistants", "bots"),
    *("chains", "messages", "chat"),
)
"""Words in names of an object's mappings that may hold conversations; of all others objects have too many."""
_PARTS = re.compile(
    r"^_?(messages|history|chat_?history|message_history|conversation(_history)?|turns|transcript|dialog)$"
)
"""Names of what is the conversation within an object for each session, in lower case."""
_SAID = re.compile(
    r"(^|_)(quer(y|ies)|questions?|messages?|msgs?|text|prompt|answer|response|reply|utterance|user_input|"
    r"history|conversation|transcript|turns?|content)$"
)
"""Names of what somebody said, in lower case."""
_MADE = re.compile(
    r"(Memory|History|Conversation|ChatSession|ChatEngine|ChatBot|Chatbot|Saver|Agent|Assistant|ConversationChain|"
    r"ConversationalRetrievalChain|(create|build|make|new)_\w*(agent|chat|assistant|bot|conversation|memory|history)|"
    r"start_chat|chats\.create|as_chat_engine|ChatMemoryBuffer\.from_defaults)(\.\w+)?$"
)
"""Ends of names of what makes an object that remembers what was said to it."""
_AT_PROVIDERS = re.compile(r"\.(threads|conversations|sessions)\.create$")
"""Ends of what opens a conversation that a provider keeps, and that is found again by its id alone."""
_ADDS = ("append", "extend", "insert", "add", "appendleft", "update")


def keeps_conversations(module: Module, change: Change) -> bool:
    """Whether a mapping's key names a conversation, and its name or something put into it here says that it is one."""
    assert change.key is not None
    name = change.name.rpartition(".")[2].lower()
    if any(word in name for word in ELSEWHERE) or _is_one_of_several(module, change):
        return False
    written = ast.unparse(change.key).lower()
    is_named = _NAMED.search(name) is not None
    if KEY.search(written) is None:
        is_alone = is_named and _NAMED_ALONE.search(name) is not None
        return is_alone and not change.name.startswith("self.") and "name" not in written
    if change.name.startswith("self.") and not is_named and not any(word in name for word in _OF_OBJECTS):
        return False
    return is_named or any(_is_said(module, each) for each in _put_into(module).get(change.name, ()))


def _is_one_of_several(module: Module, change: Change) -> bool:
    """Whether it is a class's whose name says that it keeps things in memory, beside others of the same base."""
    around = module.scope(change.node).class_around
    if around is None or not isinstance(around.node, ast.ClassDef) or not around.node.bases:
        return False
    return re.search(r"Memory[A-Z]|InMemory", around.node.name) is not None


def _put_into(module: Module) -> dict[str, list[ast.expr | str]]:
    """Mapping → what is put into it in this file, under whatever key: expressions, and names of parts that gain."""
    found: dict[str, list[ast.expr | str]] | None = module.remembered.get("put into mappings")
    if found is None:
        found = module.remembered["put into mappings"] = defaultdict(list)
        for name, put in (*_assigned(module), *_added(module)):
            found[name].append(put)
    return found


def _assigned(module: Module) -> Iterator[tuple[str, ast.expr | str]]:
    for assign in module.all(ast.Assign, ast.AnnAssign):
        for target in assign.targets if isinstance(assign, ast.Assign) else [assign.target]:
            if not isinstance(target, ast.Subscript) or isinstance(target.slice, ast.Slice):
                continue  # `turns[:] = turns[-10:]` puts nothing in
            if assign.value is not None:
                for name, parts in _mapping_of(module, target):
                    yield from ((name, part) for part in parts)
                    yield name, assign.value


def _added(module: Module) -> Iterator[tuple[str, ast.expr | str]]:
    for call in module.methods(*_ADDS, "setdefault"):
        of = call.node.func
        if not isinstance(of, ast.Attribute):
            continue
        for name, parts in _mapping_of(module, of.value):
            if of.attr == "setdefault":
                yield from ((name, each) for each in call.node.args[1:])
                continue
            yield from ((name, part) for part in parts)
            yield from ((name, each) for each in call.node.args)


def _mapping_of(module: Module, node: ast.expr) -> Iterator[tuple[str, list[str]]]:
    """The mapping that this is taken out of, and the names of the parts below its key.

    `sessions[key]["messages"]` → `sessions`, `messages`; `turns` after `turns = sessions.setdefault(key, [])` too.
    """
    parts: list[str] = []
    for _ in range(8):
        match node:
            case ast.Subscript(value=of, slice=key):
                if isinstance(key, ast.Constant):
                    parts.append(str(key.value))
                node = of
            case ast.Call(func=ast.Attribute(value=of, attr="setdefault" | "get")):
                node = of
            case ast.Attribute(value=ast.Name(id="self" | "cls" as own), attr=attribute):
                around = module.scope(node).class_around
                yield f"self.{attribute}" if own == "self" or around is None else f"{around.name}.{attribute}", parts
                return
            case ast.Attribute(value=ast.Attribute(attr="state", value=application), attr=attribute):
                if ast.unparse(application).rpartition(".")[2] == "app":
                    yield f"app.state.{attribute}", parts
                return
            case ast.Attribute(value=of, attr=attribute):
                if isinstance(of, ast.Name) and module.names.binding_scope(of) is module.scopes.module:
                    yield ast.unparse(node), parts
                    return
                parts.append(attribute)
                node = of
            case ast.Name():
                followed = module.names.value(node)
                scope = module.names.binding_scope(node)
                if scope is module.scopes.module:
                    yield node.id, parts
                    return
                if followed is node:
                    return
                node = followed
            case _:
                return


def _is_said(module: Module, value: ast.expr | str, depth: int = 0) -> bool:
    """Whether it is a message, a text that somebody said, or an object that remembers such."""
    if isinstance(value, str):
        return _PARTS.search(value.lower()) is not None
    match value:
        case ast.Dict(keys=keys, values=values):
            names = {
                each.value.lower() for each in keys if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
            if {"role", "content"} <= names or any(_PARTS.search(name) for name in names):
                return True
            return any(isinstance(each, (ast.Dict, ast.List)) and _is_said(module, each, depth + 1) for each in values)
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return any(_is_said(module, each, depth + 1) for each in elements)
        case ast.Name(id=name):
            if _SAID.search(name.lower()):
                return True
            followed = module.names.value(value)
            return followed is not value and depth < 4 and _is_said(module, followed, depth + 1)
        case ast.Attribute(value=of, attr=name):
            made = module.names.value(of) if name == "id" else of
            if isinstance(made, ast.Call) and _AT_PROVIDERS.search(ast.unparse(made.func)):
                return True
            return _SAID.search(name.lower()) is not None
        case ast.Subscript(slice=ast.Constant(value=str() as name)):
            return _SAID.search(name.lower()) is not None
        case ast.Await(value=inner) | ast.Subscript(value=inner) | ast.NamedExpr(value=inner):
            return _is_said(module, inner, depth + 1)
        case ast.BinOp(left=left, right=right):
            return any(_is_said(module, each, depth + 1) for each in (left, right))
        case ast.Call():
            return _remembers(module, value)
        case _:
            return False


def _remembers(module: Module, made: ast.Call) -> bool:
    """Whether what is called makes an object that remembers, or is given a conversation for one of its fields."""
    call = module.call(made)
    written = ast.unparse(made.func)
    if _MADE.search(call.name.replace("()", "")) or _MADE.search(written.replace("()", "")):
        return True
    if re.search(r"(Message|HumanMessage|AIMessage|ChatMessage)$", written):
        return True
    if any(each.arg is not None and _PARTS.search(each.arg.lower()) for each in made.keywords):
        return True
    bound = module.names.bound(made.func) if isinstance(made.func, ast.Name) else []
    return any(isinstance(each, ast.ClassDef) and _has_conversation(module, each) for each in bound)


def _has_conversation(module: Module, of: ast.ClassDef) -> bool:
    """Whether a class of this file has a field for the conversation."""
    own = module.scopes.inside(of).name
    fields = {name for around, name in module.names.attributes if around == own}
    fields |= {
        each.target.id for each in of.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    return any(_PARTS.search(name.lower()) for name in fields)
