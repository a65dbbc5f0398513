"""Servers that are asked in a protocol of their own: what a request is in it, and where the answer."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.init.guess import Guess
from roadworthy.init.starts import Asked, Start


def langgraph(start: Start) -> dict[str, Guess]:
    """LangGraph's own server: https://docs.langchain.com/langgraph-platform, stateless runs."""
    body = {"assistant_id": start.serves, "input": {"messages": [{"role": "user", "content": "{{input}}"}]}}
    return {
        "request": Guess({"path": "/runs/wait", "json": body}, f"{start.seen}, as LangGraph's own server is asked"),
        "answer": Guess("$.messages[-1].content", "the graph's last message"),
        "health": Guess({"live": "/ok", "ready": "/ok"}, "LangGraph's own"),
    }


def adk(start: Start) -> dict[str, Guess]:
    """Google ADK's `adk api_server`: https://google.github.io/adk-docs/runtime/api-server."""
    message = {"role": "user", "parts": [{"text": "{{input}}"}]}
    body = {"app_name": start.serves, "user_id": "{{session}}", "session_id": "{{session}}", "new_message": message}
    return {
        "request": Guess({"path": "/run", "json": body}, f"{start.seen}, as ADK's own server is asked"),
        "answer": Guess("$[-1].content.parts[0].text", "the last event's text"),
    }


def a2a(start: Start) -> dict[str, Guess]:
    """A server of the A2A protocol, JSON-RPC: https://a2a-protocol.org, message/send."""
    message = {"role": "user", "parts": [{"kind": "text", "text": "{{input}}"}], "messageId": "{{session}}"}
    body = {"jsonrpc": "2.0", "id": "{{session}}", "method": "message/send", "params": {"message": message}}
    return {
        "request": Guess({"path": "/", "json": body}, f"{start.seen}, as the A2A protocol asks"),
        "answer": Guess("$.result", f"{start.seen}; the whole message or task: name the part that is text"),
        "health": Guess({"ready": "/.well-known/agent-card.json"}, "A2A's own"),
    }


PROTOCOLS: dict[Asked, Callable[[Start], dict[str, Guess]]] = {"langgraph": langgraph, "adk": adk, "a2a": a2a}
