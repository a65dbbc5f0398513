"""Memory, processors, disk and open files: has this container what the manifest declares?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import CI, PRODUCTION, Fine, Nothing, Said, Untested, check, problem
from roadworthy.hazards.checklist import DISK, MEMORY, OPEN_FILES, PROCESSORS
from roadworthy.hazards.words import size

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest

FILES_A_REQUEST = 4
"""Open at once for one request: the caller's connection, the model's, one service's, and a tool's pipe or file."""
FILES_OF_ITS_OWN = 64
"""Standard streams, the listening socket, the event loop, log files, libraries that are loaded."""
SHARE_OF_PROCESSORS = 2
"""Workers for each processor, and one more: gunicorn's rule (docs.gunicorn.org, design, 2026-11)."""


@check("MEM201", "memory limit below what is declared", MEMORY, targets=(PRODUCTION,))
def memory_limit(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is the container's memory limit at least `resources.memory`?

    Done: the limits of all control groups around this process are read (v1 and v2); without one, the machine's memory.

    Must hold: the tightest is not below what the manifest declares.

    Why: the kernel kills the process that goes beyond it, without a word in the agent's log.

    Mend: raise the limit where the container is started, or declare less and rehearse with it.
    """
    declared, limits = manifest.resources.memory, machine.limits
    if limits.memory is None:
        if limits.machine_memory is None:
            yield Untested("neither a limit nor the machine's memory can be seen")
        elif limits.machine_memory < declared:
            yield problem(
                f"this machine has {size(limits.machine_memory)}, the manifest declares {size(declared)}",
                fix="run it on a larger machine, or declare less under `resources.memory` and rehearse with that",
            )
        else:
            yield Fine(f"no limit; the machine has {size(limits.machine_memory)}")
    elif limits.memory < declared:
        yield problem(
            f"the limit is {size(limits.memory)}, the manifest declares {size(declared)}",
            why=f"{limits.memory_from} says so; the kernel kills a process that needs more",
            fix=f"start the container with {size(declared)}, or declare less under `resources.memory` and "
            "rehearse with that",
            commands=(
                f"docker run --memory={declared} …",
                f"resources: {{limits: {{memory: {_kubernetes(declared)}}}}}",
            ),
        )
    else:
        yield Fine(f"{size(limits.memory)}, {size(declared)} declared")


@check("MEM202", "too few processors", PROCESSORS, targets=(PRODUCTION,))
def processors(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is the processors' quota what is declared, and enough for the workers?

    Done: the quotas of all control groups around this process are read (v1 and v2), and the processors it may run on;
    the number of workers comes from the command's option or from the server's variable.

    Must hold: the quota is not below `resources.cpu`; at most two workers for each processor, and one more.

    Why: a container with half a processor that starts sixteen workers, one for each core of the machine below it,
    spends its quota on switching between them and is stopped for most of each period.

    Mend: raise the quota, or set the number of workers from it.
    """
    declared, limits = manifest.resources.cpu, machine.limits
    if limits.processors < declared:
        yield problem(
            f"{limits.processors:g} processors, the manifest declares {declared:g}",
            why=f"{limits.processors_from} says so",
            fix=f"start the container with {declared:g}, or declare less under `resources.cpu` and rehearse with that",
            commands=(f"docker run --cpus={declared:g} …", f'resources: {{limits: {{cpu: "{declared:g}"}}}}'),
        )
    workers = machine.workers
    most = int(SHARE_OF_PROCESSORS * limits.processors) + 1
    if workers is not None and workers[0] > most:
        yield problem(
            f"{workers[0]} workers on {limits.processors:g} processors",
            why=f"{workers[1]}; each takes memory of its own, and they wait for each other",
            fix=f"start at most {most} of them, or give it more processors",
            severity=Severity.WARNING,
        )
    told = f", {workers[0]} workers" if workers else ""
    yield Fine(f"{limits.processors:g}, {declared:g} declared{told}")


@check("MEM203", "no space for temporary files", DISK, targets=(PRODUCTION, CI))
def temporary_space(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Is there room for temporary files?

    Done: the free space of the folder that `TMPDIR` names, else /tmp, is read, and whether files can be made in it.

    Must hold: it is not below `resources.tmp`, and some files can be made.

    Why: a full or read-only temporary folder breaks uploads, downloads and libraries far from the code that is at
    fault.

    Mend: mount a larger one, or an `emptyDir` where the root is read-only.
    """
    declared = manifest.resources.tmp
    folder = Path(machine.environment.get("TMPDIR") or "/tmp")  # noqa: S108 - looked at
    try:
        seen = os.statvfs(folder)
    except OSError as error:
        yield problem(
            f"the folder for temporary files, {folder}, cannot be used: {error.strerror}",
            fix="mount one there, or let TMPDIR name another folder",
            commands=(f"docker run --tmpfs {folder}:size={declared} …",),
        )
        return
    free = seen.f_bavail * seen.f_frsize
    if not os.access(folder, os.W_OK | os.X_OK) or seen.f_flag & os.ST_RDONLY:
        yield problem(
            f"{folder} cannot be written",
            fix="mount a temporary folder there, or let TMPDIR name one that can be written",
            commands=(f"docker run --tmpfs {folder}:size={declared} …",),
        )
    elif free < declared:
        yield problem(
            f"{folder} has {size(free)} left, the manifest declares {size(declared)}",
            fix="make it larger, or empty it; or declare less under `resources.tmp` and rehearse with that",
            commands=(f"docker run --tmpfs {folder}:size={declared} …",),
        )
    elif seen.f_files and not seen.f_favail:
        yield problem(f"{folder} can hold no further file: it has no inodes left", fix="empty it, or make it larger")
    else:
        yield Fine(f"{size(free)} left in {folder}")


@check("MEM204", "too few open files for the concurrency", OPEN_FILES, targets=(PRODUCTION,))
def open_files(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Are enough open files allowed for the declared concurrency?

    Done: the soft limit of open files of this process is held against `budgets.concurrency`, four for each request,
    the declared pools, and 64 of the process's own.

    Must hold: the limit is not below that.

    Why: beyond it every connection, file and subprocess fails with "Too many open files", the health check's too.

    Mend: raise the limit where the container or the service is started.
    """
    concurrency = manifest.budgets.concurrency
    if concurrency is None:
        yield Nothing("no `budgets.concurrency` is declared")
        return
    pools = sum(service.pool or 0 for service in manifest.services.values())
    needed, allowed = concurrency * FILES_A_REQUEST + pools + FILES_OF_ITS_OWN, machine.limits.open_files
    if allowed is not None and allowed < needed:
        yield problem(
            f"{allowed} open files are allowed, {concurrency} requests at once need about {needed}",
            why="beyond the limit every connection and every subprocess fails with `Too many open files`",
            fix=f"allow at least {needed}",
            commands=(f"docker run --ulimit nofile={max(needed, 1024)} …", f"ulimit -n {max(needed, 1024)}"),
        )
    else:
        yield Fine(f"{'any number' if allowed is None else allowed}, about {needed} needed")


def _kubernetes(count: int) -> str:
    """Bytes as Kubernetes writes them: `512Mi`."""
    for unit, bits in (("Gi", 30), ("Mi", 20), ("Ki", 10)):
        if count % (1 << bits) == 0:
            return f"{count >> bits}{unit}"
    return str(count)
