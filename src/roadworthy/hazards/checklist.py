"""The pre-deploy checklist: seven groups, their lines, and the lines that only the source can answer."""

from __future__ import annotations

from dataclasses import dataclass

GROUPS = ("environment", "dependencies", "network", "resources", "timeouts", "concurrency", "observability")


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the checklist. `source` are the codes of `roadworthy scan` that it rests on as well."""

    group: str
    text: str
    source: tuple[str, ...] = ()


VARIABLES_SET = Item("environment", "all variables set")
VALUES_AS_DECLARED = Item("environment", "values as declared")
VALUES_NOT_COPIED = Item("environment", "values not copied from local")
SECRETS_STORED = Item("environment", "secrets kept from others, and not about to expire")
NO_SECRET_IN_CODE = Item("environment", "no secret in code", ("SEC101",))

BINARIES_INSTALLED = Item("dependencies", "binaries installed")
FILES_IN_PLACE = Item("dependencies", "files and scripts in place")
PACKAGES_AS_LOCKED = Item("dependencies", "package versions as locked")
NOTHING_DEV_ONLY = Item("dependencies", "nothing dev-only missing", ("DEP101",))
TOOL_SERVERS_START = Item("dependencies", "tool servers start")
MODELS_EXIST = Item("dependencies", "models exist for this key")

NAMES_RESOLVE = Item("network", "host names are production's, and resolve")
SERVICES_ANSWER = Item("network", "services answer")
OUTBOUND_ALLOWED = Item("network", "outbound allowed")

MEMORY = Item("resources", "memory")
PROCESSORS = Item("resources", "CPU")
DISK = Item("resources", "disk for temporary files")
OPEN_FILES = Item("resources", "open files")
RIGHTS = Item("resources", "a restricted user that can write where it must")

TIMEOUTS_NEST = Item("timeouts", "API, tool and request time-outs nest")
LATENCY_LEAVES_MARGIN = Item("timeouts", "services are fast enough")
STARTS_IN_TIME = Item("timeouts", "starts within its budget")

NOTHING_SHARED = Item("concurrency", "no shared mutable state", ("CONC101", "CONC102"))
STATE_FOR_ALL = Item("concurrency", "state that all workers see")
POOLS_SIZED = Item("concurrency", "pools sized")
RATE_LIMITING = Item("concurrency", "rate limiting in place", ("RATE101", "RATE102"))

LOGGING = Item("observability", "logging configured")
METRICS = Item("observability", "health and metrics exposed")
ERRORS_REPORTED = Item("observability", "errors reported")

ITEMS = tuple(item for item in list(globals().values()) if isinstance(item, Item))
"""Every line, in the order in which it is printed."""


def rank(item: Item) -> tuple[int, int]:
    """Where a line stands; one of another package comes last in its group."""
    group = GROUPS.index(item.group) if item.group in GROUPS else len(GROUPS)
    return group, ITEMS.index(item) if item in ITEMS else len(ITEMS)
