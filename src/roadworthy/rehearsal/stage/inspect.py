"""What can be enforced on this machine: tried out, not guessed."""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.errors import UsageError
from roadworthy.findings import Missing, StageSummary
from roadworthy.rehearsal.conditions import Feature
from roadworthy.rehearsal.options import StageChoice
from roadworthy.rehearsal.stage.bubblewrap import as_whom
from roadworthy.rehearsal.stage.cgroups import make_group
from roadworthy.rehearsal.stage.janitor import remove_tree
from roadworthy.rehearsal.stage.network import Network
from roadworthy.rehearsal.stage.roots import TMP
from roadworthy.rehearsal.stage.run_folder import make_folder

if TYPE_CHECKING:
    from roadworthy.rehearsal.stage.stage import Stage

NAMESPACED = frozenset(Feature)
PLAIN = frozenset({Feature.VARIABLES, Feature.WORLD, Feature.CPU})
"""What a plain process still obeys: its variables, proxy variables, and processor affinity."""

INSTALL = "apt-get install bubblewrap"
ALLOW_NAMESPACES = (
    "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04), "
    "sysctl -w user.max_user_namespaces=15000, or run it as root"
)
NO_OTHER_USER = (
    "apt-get install util-linux (as root setpriv changes the user), or allow user namespaces inside user namespaces"
)
PRIVILEGED = (
    "start the container with --privileged, or with --cap-add SYS_ADMIN "
    "--security-opt seccomp=unconfined --security-opt apparmor=unconfined"
)
CONTAINER = """docker run --rm -it --privileged -v "$PWD:/work" -w /work python:3.11 sh -c \
    'apt-get update && apt-get install -y bubblewrap && pip install roadworthy && roadworthy rehearse'"""


@dataclass(frozen=True, slots=True)
class Machine:
    """What was tried and how it went."""

    bubblewrap: str | None
    missing: tuple[Missing, ...]
    enforced: frozenset[Feature]
    tier: str

    @property
    def summary(self) -> StageSummary:
        """The same for reports."""
        return StageSummary(
            backend="process" if self.tier == "D" else "bubblewrap",
            tier=self.tier,
            enforced=tuple(feature for feature in Feature if feature in self.enforced),
            missing=self.missing,
        )


def examine() -> StageSummary:
    """Try out what this machine enforces. Raises UsageError where no rehearsal can run at all."""
    return asyncio.run(examined("auto")).summary


async def choose(choice: StageChoice) -> Stage:
    """The best stage that this machine has, or the one that was asked for.

    Raises UsageError where the one that was asked for does not work here, with the reason and the mend.
    """
    machine = await examined(choice)
    if machine.tier == "D":
        from roadworthy.rehearsal.stage.plain import Plain

        return Plain(machine.summary, machine.enforced)
    from roadworthy.rehearsal.stage.sandboxed import Sandboxed

    assert machine.bubblewrap is not None
    return Sandboxed(machine.bubblewrap, machine.summary, machine.enforced)


async def examined(choice: StageChoice) -> Machine:
    """Try everything once, in some 50 ms."""
    if sys.platform != "linux":
        raise UsageError(
            f"a rehearsal needs Linux, and this is {sys.platform}; in a container it works:\n  {CONTAINER}"
        )
    if choice == "process":
        return _plain(Missing("sandbox", "--stage process was asked for", "leave --stage out"))
    bubblewrap = shutil.which("bwrap")
    if bubblewrap is None:
        machine = _plain(Missing("sandbox", "bubblewrap is not installed", INSTALL))
    else:
        machine = await _try_namespaces(bubblewrap)
    if choice == "bubblewrap" and machine.tier == "D":
        reason = machine.missing[0]
        raise UsageError(f"--stage bubblewrap does not work here: {reason.reason}\n  {reason.fix}")
    return machine


def _plain(reason: Missing) -> Machine:
    return Machine(None, (reason,), PLAIN, "D")


async def _try_namespaces(bubblewrap: str) -> Machine:
    missing: list[Missing] = []
    enforced = set(NAMESPACED)
    reading, writing = os.pipe2(os.O_CLOEXEC)
    folder = make_folder()
    try:
        network = await Network.open(output=writing, errors=writing)
        try:
            if (refusal := await _try_views(network, folder)) is not None:
                enforced.discard(Feature.VIEWS)
                missing.append(refusal)
            try:
                os.close(await network.watch())
            except OSError as error:
                enforced.discard(Feature.EXEC)
                missing.append(
                    Missing("started programs seen", f"the kernel has no seccomp listener ({error.strerror})")
                )
            # A filter whose listener is closed fails every exec: try the sandbox in a network of its own.
        finally:
            await network.end()
        if (problem := await _try_sandbox(bubblewrap, reading, writing)) is not None:
            return _plain(Missing("sandbox", problem, PRIVILEGED if os.getuid() == 0 else ALLOW_NAMESPACES))
        if (problem := await _try_sandbox(bubblewrap, reading, writing, is_unprivileged=True)) is not None:
            enforced.discard(Feature.USER)
            missing.append(Missing("unprivileged user", problem, NO_OTHER_USER))
    except OSError as error:
        return _plain(_refused(error))
    finally:
        os.close(reading)
        os.close(writing)
        remove_tree(folder)
    return _with_limits(bubblewrap, enforced, missing)


async def _try_views(network: Network, folder: Path) -> Missing | None:
    (folder / "lower").mkdir()
    (folder / "lower" / "seen").touch()
    try:
        await network.overlay(folder / "lower", folder / "upper", folder / "work", folder / "view")
        await network.remove(folder / "view" / "seen")
    except OSError as error:
        return Missing(
            str(Feature.VIEWS),
            f"the kernel refuses overlay mounts here ({error.strerror}); the project is copied for each start, "
            "and the home folder is read-only on the laptop stage",
            "Linux 5.11 or newer, and /var/tmp on a file system with extended attributes",
        )
    return None


async def _try_sandbox(bubblewrap: str, reading: int, writing: int, *, is_unprivileged: bool = False) -> str | None:
    """Start a program as an agent is started; what keeps it from starting, if anything does."""
    arguments, command = as_whom(["/bin/true"], is_unprivileged=is_unprivileged)
    network = await Network.open(output=writing, errors=writing)
    try:
        network.run(
            [bubblewrap, "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc",
             "--perms", "1777", "--size", "65536", "--tmpfs", str(TMP),
             "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--die-with-parent",
             "--remount-ro", "/dev", *arguments, "--", *command],
            {"PATH": "/usr/bin:/bin"},
        )  # fmt: skip
        status = await network.process.wait()
    finally:
        await network.end()
    if status == 0:
        return None
    os.set_blocking(reading, False)
    try:
        said = os.read(reading, 4096).decode("utf-8", "replace").strip()
    except BlockingIOError:
        said = ""
    return said.splitlines()[-1] if said else f"bubblewrap exits with {status}"


def _refused(error: OSError) -> Missing:
    if error.errno not in (errno.EPERM, errno.EACCES, errno.ENOSPC, errno.EINVAL):
        return Missing("sandbox", str(error), ALLOW_NAMESPACES)
    if os.getuid() == 0:
        return Missing("sandbox", f"not even root may make namespaces here ({error.strerror})", PRIVILEGED)
    return Missing(
        "sandbox", f"this machine lets no ordinary user make namespaces ({error.strerror})", ALLOW_NAMESPACES
    )


def _with_limits(bubblewrap: str, enforced: set[Feature], missing: list[Missing]) -> Machine:
    group = make_group(f"roadworthy-look-{os.getpid()}")
    has_memory, has_cpu = group.memory is not None, group.cpu is not None
    group.remove()
    is_root = os.getuid() == 0
    if not has_memory:
        missing.append(
            Missing(
                "memory limit by the kernel",
                "no control group can be made here; a watchdog kills above the limit instead, up to 50 MB late",
                "run it as root, or under `systemd-run --user --scope -p Delegate=yes`",
            )
        )
    if not has_cpu:
        missing.append(
            Missing(
                "CPU limit by the kernel",
                "no control group can be made here; the agent is held to whole CPUs and stopped part of the time",
                "run it as root, or under `systemd-run --user --scope -p Delegate=yes`",
            )
        )
    tier = "A" if is_root and has_memory else "B"
    return Machine(bubblewrap, tuple(missing), frozenset(enforced), tier)
