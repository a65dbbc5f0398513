"""Rights: does the agent run as a restricted user that can write where it must, and are its secrets its own?"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.findings import Severity
from roadworthy.hazards.checking import CI, PRODUCTION, Fine, Nothing, Said, check, problem
from roadworthy.hazards.checklist import FILES_IN_PLACE, RIGHTS, SECRETS_STORED

if TYPE_CHECKING:
    from roadworthy.check.machine import Machine
    from roadworthy.manifest.model import Manifest

MOUNTED_SECRETS = ("/run/secrets/", "/var/run/secrets/")
"""Where Docker and Kubernetes mount them, readable by whoever is in the container, which is the agent alone."""
FIRST_BYTES = 4096


@check("PERM201", "declared folder not writable", RIGHTS)
def folders_writable(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Can this user write every declared folder and file?

    Done: in each folder of `files.write` a file is made and removed; a file is opened; of what is not there yet, the
    folder around it is tried.

    Must hold: it can be written.

    Why: the laptop's user may write everywhere, a container's user almost nowhere.

    Mend: give the folder to the agent's user where the image is built, or mount one.
    """
    declared = manifest.files.write
    for named in declared:
        reason = _unwritable(machine.declared_path(named))
        if reason is not None:
            is_read_only = reason == os.strerror(errno.EROFS)
            yield problem(
                f"{named} cannot be written: {reason}",
                fix="mount a volume there, or an `emptyDir`"
                if is_read_only
                else "give it to the agent's user where the image is built, or mount a volume there",
                commands=(f"RUN mkdir -p {named} && chown {os.geteuid()}:{os.getegid()} {named}",)
                if os.geteuid() != 0 and not is_read_only
                else (),
            )
    yield Fine(f"{len(declared)} writable") if declared else Nothing("no folder is declared under `files.write`")


@check("PERM202", "runs as root", RIGHTS, targets=(PRODUCTION,))
def not_root(machine: Machine, manifest: Manifest) -> Iterator[Said]:  # noqa: ARG001 - a check's signature
    """Does the agent run as an ordinary user?

    Done: the effective user of this process is looked at, which the agent will have too.

    Must hold: it is not root.

    Why: an agent runs what a model wrote; as root a mistake or an attack reaches all of the container.

    Mend: make a user in the Dockerfile and name it with `USER`, or `runAsNonRoot: true` in Kubernetes.
    """
    if os.geteuid() == 0:
        yield problem(
            "runs as root",
            why="what a model makes it do, it may do to the whole container",
            fix="run it as a user of its own",
            severity=Severity.WARNING,
            commands=("RUN useradd --create-home agent", "USER agent"),
        )
    else:
        yield Fine(f"user {os.geteuid()}")


@check("PERM203", "script that may not be run", FILES_IN_PLACE)
def scripts_run(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """May each declared script be run?

    Done: a file of the project that starts the agent or is declared under `binaries` (a name with a slash) is looked
    at: its run bit for this user, and its first line.

    Must hold: it has the run bit, and its interpreter is here.

    Why: the run bit is lost in an archive or on a disk that knows none, and CR LF comes from another system's editor.

    Mend: `chmod +x`, and `git update-index --chmod=+x` so that it stays.
    """
    from roadworthy.check.programs import cannot_run

    words = [agent.command[0] for agent in manifest.agents.values() if agent.command]
    scripts = list(dict.fromkeys(word for word in [*words, *manifest.binaries] if "/" in word))
    found = [name for name in scripts if machine.declared_path(name).is_file()]
    for name in found:
        path = machine.declared_path(name)
        if not os.access(path, os.X_OK):
            yield problem(
                f"{name} has no run bit for this user",
                fix="set it, and in git too",
                path=None if Path(name).is_absolute() else name,
                commands=(f"chmod +x {name}", f"git update-index --chmod=+x {name}")
                if not Path(name).is_absolute()
                else (f"chmod +x {name}",),
            )
        elif (reason := cannot_run(path)) is not None and name not in manifest.binaries:
            yield problem(f"{name} cannot be run: {reason}", fix="mend its first line, or install the interpreter")
    yield Fine() if found else Nothing("no script of the project is declared")


@check("PERM204", "secret file readable by others", SECRETS_STORED, targets=(PRODUCTION, CI))
def secret_files_kept(machine: Machine, manifest: Manifest) -> Iterator[Said]:
    """Are files with secrets readable by the agent's user alone?

    Done: the project's `.env`, files that secret variables or variables of keys and credentials name, and private keys
    under `files.read` are looked at.

    Must hold: others may not read them, nor a group that this process is not in. What a platform mounts as a secret may
    be read by whoever is in the container.

    Why: whoever else runs something on this machine reads the key.

    Mend: `chmod 600`, and the agent's user as its owner.
    """
    looked = 0
    for path, called, quoted in _secret_files(machine, manifest):
        try:
            seen = path.stat()
        except OSError:
            continue
        looked += 1
        if _is_mounted(path):
            continue
        mode = stat.S_IMODE(seen.st_mode)
        is_foreign_group = mode & 0o040 and seen.st_gid not in {os.getegid(), *os.getgroups()}
        if mode & 0o004 or is_foreign_group:
            who = "everybody" if mode & 0o004 else f"group {seen.st_gid}"
            yield problem(
                f"{called} can be read by {who} (mode {mode:04o})",
                fix="let its owner alone read it",
                severity=Severity.WARNING,
                commands=(f"chmod 600 {quoted}",),
            )
    if looked:
        yield Fine(f"{looked} files with secrets")
    else:
        yield Nothing("no file with a secret is here")


def _unwritable(path: Path) -> str | None:
    import tempfile

    try:
        if path.is_dir():
            with tempfile.TemporaryFile(dir=path):
                return None
        if path.exists():
            with path.open("ab"):
                return None
        around = next(parent for parent in path.absolute().parents if parent.exists())
        if not around.is_dir():
            return f"{around} is no folder"
        with tempfile.TemporaryFile(dir=around):
            return None
    except OSError as error:
        return error.strerror or str(error)


def _secret_files(machine: Machine, manifest: Manifest) -> Iterator[tuple[Path, str, str]]:
    """Each file, what it is called, and how a command names it: what a variable holds is not told."""
    from roadworthy.secret_names import is_secret

    named = [(machine.project / ".env", ".env", ".env")]
    for name, variable in (manifest.env or {}).items():
        value = machine.environment.get(name, "")
        bare = name.removesuffix("_FILE").removesuffix("_PATH")
        is_path = variable.type == "path" or bare != name or name == "GOOGLE_APPLICATION_CREDENTIALS"
        if value and is_path and (variable.secret or is_secret(bare)):
            named.append((machine.declared_path(value), f"the file that {name} names", f'"${name}"'))
    for each in manifest.files.read:
        path = machine.declared_path(each)
        if _is_private_key(path):
            named.append((path, each, each))
    yield from {each[0]: each for each in reversed(named) if each[0].is_file()}.values()


def _is_private_key(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"PRIVATE KEY-----" in file.read(FIRST_BYTES)
    except OSError:
        return False


def _is_mounted(path: Path) -> bool:
    """Below where secrets are mounted, or beside the `..data` of a Kubernetes volume."""
    return str(path).startswith(MOUNTED_SECRETS) or (path.parent / "..data").is_symlink()
