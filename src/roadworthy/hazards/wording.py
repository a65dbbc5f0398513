"""How verdicts word what was seen: a request and what came of it, a start, an exit."""

from __future__ import annotations

import html
import re
import signal

from roadworthy.hazards.words import one_line, span
from roadworthy.rehearsal.holds import why_no_answer
from roadworthy.rehearsal.observed import Exchange, Observed
from roadworthy.rehearsal.traces import last_error


def told(seen: Observed, exchange: Exchange) -> str:
    """What came of a request: `POST /agent -> 500 after 41 ms; its output: KeyError: 'API_KEY'`."""
    asked = seen.terms.manifest.agent.asked
    took = "" if exchange.seconds is None else f" after {span(exchange.seconds)}"
    if exchange.error is not None:
        what = f"{asked} -> {exchange.error}" + ("" if "within" in exchange.error else took)
    else:
        status = exchange.status if exchange.exit_status is None else f"exit status {exchange.exit_status}"
        what = f"{asked} -> {status}{took}"
        why = why_no_answer(exchange, seen.terms.deadline)
        if why is not None and not why.startswith(("status ", "exit status ")):
            what += f": {why}"
        elif why is not None and exchange.text.strip():
            what += f': "{one_line(_without_tags(exchange.text), 120)}"'
    refused = next((call.refused for call in seen.calls_for(exchange) if call.refused), None)
    if refused is not None:
        what += f"; the provider refused its call: {one_line(refused, 120)}"
    error = last_error(seen, exchange.due)
    return what if error is None else f"{what}; its output: {one_line(error, 160)}"


_HTML = re.compile(r"\s*<(?:!doctype html|html)\b", re.IGNORECASE)
_UNSEEN = re.compile(r"<(title|style|script)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def _without_tags(text: str) -> str:
    """What a browser shows of a page, so that an error's words are not cut off for its markup."""
    return html.unescape(_UNSEEN.sub(" ", text)) if _HTML.match(text) else text


def start_failure(seen: Observed) -> str:
    """Why an agent is not ready: `exited with status 1 after 0.4 s; its output: …`."""
    life, waited = seen.life, max(seen.terms.ready, round(seen.ended))
    if life.exited is not None:
        what = f"{exit_words(life.exit_status)} after {span(life.exited)}"
    elif life.port_open is None:
        port, others = seen.terms.manifest.agent.port, life.other_ports
        opened = f"; it did open {', '.join(map(str, others))}" if others else ""
        what = f"port {port} was not open within {waited:g} s{opened}"
        if port in others:
            what = f"it listens on port {port} of 127.0.0.1 alone, where nobody outside reaches it"
    else:
        said = f': "{one_line(life.health_body, 120)}"' if life.health_body.strip() else ""
        what = f"{life.ready_path or 'it'} was not ready within {waited:g} s{said}"
    error = last_error(seen) or (seen.output[-1].text if seen.output and life.exited is not None else None)
    return what if error is None else f"{what}; its output: {one_line(error, 160)}"


def exit_words(status: int | None) -> str:
    """An exit status as people say it; negative ones are signals, as a shell gives them."""
    if status is None:
        return "it ended"
    if status >= 0:
        return f"it exited with status {status}"
    try:
        return f"it was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"it was ended by signal {-status}"
