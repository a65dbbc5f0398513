"""The network is different: what listens on the laptop's loopback is another machine in production."""

from __future__ import annotations

from collections.abc import Iterator

from roadworthy.findings import Verdict, failed, not_tested, passed
from roadworthy.hazards.hazard import Hazard
from roadworthy.hazards.verdicts import NOTHING_TO_BREAK, must_answer
from roadworthy.hazards.words import listed
from roadworthy.rehearsal.conditions import EmptyLoopback
from roadworthy.rehearsal.observed import Baseline, Observed, ServiceUse
from roadworthy.rehearsal.scenario import DURING, Plan, Send, Trial
from roadworthy.rehearsal.terms import Terms
from roadworthy.rehearsal.traces import excerpt, where

hazard = Hazard(
    "NET",
    "The network is different",
    cause="On the laptop the database, the cache and other services listen on localhost. In production nothing "
    "listens there: they are other machines, with other names.",
    fix="Take every address from a variable, declare the service in the manifest, and listen on 0.0.0.0.",
    before="""\
db = connect("postgresql://localhost:5432/app")
""",
    after="""\
db = connect(os.environ["DATABASE_URL"])

# roadworthy.yaml
# env:      {DATABASE_URL: {type: url, per_environment: true}}
# services: {database: {url: "${DATABASE_URL}", production_host: db.internal}}
""",
)

USUAL_NAMES = {
    5432: "database", 3306: "database", 27017: "database", 6379: "cache", 11211: "cache", 5672: "queue",
    4222: "queue", 9092: "queue", 6333: "vectors", 8000: "vectors", 9200: "search", 11434: "models",
}  # fmt: skip
"""What usually listens on a port, to suggest a name for it."""


def where_services_are_used(_terms: Terms, baseline: Baseline) -> Plan:
    """One start with an empty loopback, where the laptop stage showed anything to be lost by it."""
    if not _used(baseline):
        return not_tested(nothing_used(baseline, "the agent used no service and no port of localhost"))
    return [Trial(conditions=(EmptyLoopback(),), steps=(Send(DURING),))]


@hazard.scenario(
    "NET301",
    "services under their production names, nothing on localhost",
    plan=where_services_are_used,
    needs=EmptyLoopback.needs,
    quick=True,
)
def empty_loopback(seen: Observed, baseline: Baseline) -> Verdict:
    """Nothing listens on localhost any more, and each service has its production name: does the agent find it?

    Done: loopback is empty. Each declared service is reached by its `production_host` alone (else
    `NAME.internal`), and the variables that hold its address hold that name. The agent is reached by its
    machine's address, as through a container's published port. It gets one request.

    Must hold: it answers, no result of a tool says that something cannot be reached, and each service that the
    first request on the laptop used is reached by its production name. A port of localhost that was used on the
    laptop and that no service declares fails, with the lines to add to the manifest.

    Why: an address that is written into the code works where the service is on the same machine, and nowhere
    else. A server that listens on 127.0.0.1 is reached by nobody outside its container.

    Mend: take addresses from variables and declare the services; listen on 0.0.0.0.

    Not tested: when the laptop stage showed no use of a service or of a port of localhost, or unix sockets alone.
    """
    undeclared = sorted({use.port for use in _used(baseline) if use.service is None})
    if undeclared:
        return _undeclared(undeclared, seen)
    names = _needed(baseline)
    places = tuple(place for name in names for place in addresses(name, baseline))
    port = seen.terms.manifest.agent.port
    only_loopback = seen.life.ready is None and port in seen.life.other_ports
    should = f"answer, and reach {listed(names)} by its production name" if names else "answer"
    failure = must_answer(
        seen,
        "nothing on localhost, services under their production names",
        should=f"listen on 0.0.0.0:{port}, so that it is reached from outside" if only_loopback else should,
        baseline=baseline,
        names=() if only_loopback else places,
        fix=f"listen on 0.0.0.0 instead of 127.0.0.1: --host 0.0.0.0, or HTTPServer(('0.0.0.0', {port}), …)"
        if only_loopback
        else None,
    )
    if failure is not None:
        return failure
    missed = [name for name in names if name not in {use.service for use in seen.services}]
    if not missed:
        return passed()
    return failed(
        f"nothing on localhost: the agent answered without {listed(missed)}",
        seen=f"no connection to {listed(missed)}; on the laptop the first request made one",
        should=should,
        where=where(seen, *places),
        output=excerpt(seen),
    )


def nothing_used(baseline: Baseline, otherwise: str) -> str:
    """Why there is no service to rehearse: those that are declared lie on unix sockets, or `otherwise`."""
    sockets = baseline.observed.unix_sockets
    if not sockets:
        return f"{NOTHING_TO_BREAK}: {otherwise}"
    places = listed(f"{name} by {place}" for name, place in sockets.items())
    return (
        f"{NOTHING_TO_BREAK}: only unix sockets lead to services ({places}), and no network; "
        "with a host and a port in its address a service can be rehearsed"
    )


def _used(baseline: Baseline) -> list[ServiceUse]:
    """All connections but those to the agent's own port."""
    seen = baseline.observed
    own = seen.terms.manifest.agent.port
    return [use for use in seen.services if use.service is not None or use.port != own]


def _needed(baseline: Baseline) -> list[str]:
    """The services that were used from the start to the first answer: what one request needs."""
    first = min((exchange.ended or 0.0 for exchange in baseline.observed.exchanges), default=0.0)
    return list(dict.fromkeys(use.service for use in _used(baseline) if use.service and use.at <= first))


def addresses(name: str, baseline: Baseline) -> Iterator[str]:
    """How source code may name a service: by its address on the laptop."""
    for use in _used(baseline):
        if use.service == name:
            yield from (f"{host}:{use.port}" for host in (use.host, "localhost", "127.0.0.1"))


def _undeclared(ports: list[int], seen: Observed) -> Verdict:
    listed_ports = listed(f"localhost:{port}" for port in ports)
    lines = "; ".join(f"{_name(port)}: {{host: localhost, port: {port}}}" for port in ports)
    places = [key for port in ports for key in (f"localhost:{port}", f"127.0.0.1:{port}", str(port))]
    return failed(
        f"the agent uses {listed_ports}, which no service declares",
        seen=f"connections to {listed_ports} on the laptop; in production nothing listens there",
        should="have every service in the manifest, so that it can be rehearsed under its production name",
        where=where(seen, *places),
        fix=f"add to the manifest, below `services:`, {lines}; and take the address from a variable",
    )


def _name(port: int) -> str:
    return USUAL_NAMES.get(port, f"service-{port}")
