"""The sandbox of one start: which folders the agent sees where, as whom, in which order (man 1 bwrap)."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from roadworthy.rehearsal.stage.holding import show_holdable_programs
from roadworthy.rehearsal.stage.mounts import OURS, Mounts
from roadworthy.rehearsal.stage.network import Network
from roadworthy.rehearsal.stage.project import Image
from roadworthy.rehearsal.stage.roots import Root
from roadworthy.rehearsal.stage.setting import USER_ID, Ground, Setting
from roadworthy.rehearsal.stage.slim import FOLDERS, cache_folder, slim_folders, slim_names
from roadworthy.rehearsal.stage.stage import Start
from roadworthy.rehearsal.stage.taken_away import take_away
from roadworthy.rehearsal.stage.views import Views

CERTIFICATES = f"{OURS}/certificates.pem"
CERTIFICATE_VARIABLES = (
    "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
)  # fmt: skip
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)
CONTAINER_CAPABILITIES = (
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID",
    "SYS_CHROOT",
)  # fmt: skip
"""What a container's root has by default (Docker's list, less raw sockets and device nodes)."""
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One start, ready to run."""

    argv: tuple[str, ...]
    environment: dict[str, str]


async def build(start: Start, network: Network, bubblewrap: str) -> Sandbox:
    """Turn a start's setting into bubblewrap's arguments."""
    setting, ground, folder = start.setting, start.ground, start.folder
    views = Views(network, ground.project, folder, hides_environment_files=setting.hides_environment_files)
    root = Root(setting, ground, folder, views)
    mounts = Mounts()
    if setting.is_production:
        root.image(mounts)
    else:
        await root.laptop(mounts)
    await _show_project(mounts, setting, ground, views, folder)
    if setting.is_unprivileged:
        _show_written(mounts, setting, ground, folder)
    if setting.is_slim:
        _show_slim_programs(mounts, ground)
    _show_loud_programs(mounts, setting, folder)
    show_holdable_programs(mounts, setting, folder, start.programs.waits)
    await take_away(mounts, setting, ground, views)
    await _show_large_files(mounts, setting, ground, views, folder)
    _show_certificates(mounts, ground)
    arguments = [
        "--die-with-parent", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
        *(["--as-pid-1"] if setting.as_pid_1 else []),
        *(["--hostname", "agent"] if setting.is_production else []),
        *mounts.arguments,
        *mounts.seals,
        "--chdir", setting.working_directory,
    ]  # fmt: skip
    user, command = as_whom(setting.command, is_unprivileged=setting.is_unprivileged)
    environment = {**setting.environment, **dict.fromkeys(CERTIFICATE_VARIABLES, CERTIFICATES)}
    environment.pop("SSL_CERT_DIR", None)
    return Sandbox((bubblewrap, *arguments, *user, "--", *command), environment)


def as_whom(command: Sequence[str], *, is_unprivileged: bool) -> tuple[list[str], list[str]]:
    """Arguments for the user, and the command, started by setpriv where root has to give itself up."""
    if os.getuid() != 0:
        changed = ["--unshare-user", "--uid", str(USER_ID), "--gid", str(USER_ID)]
        return changed if is_unprivileged else [], list(command)
    kept = ("SETUID", "SETGID", "SETPCAP") if is_unprivileged else CONTAINER_CAPABILITIES
    arguments = [word for name in kept for word in ("--cap-add", f"CAP_{name}")]
    if not is_unprivileged:
        return arguments, list(command)
    # bwrap's own --uid is cosmetic for root: files of root's with mode 0600 would stay readable.
    return arguments, [
        "/usr/bin/setpriv", f"--reuid={USER_ID}", f"--regid={USER_ID}", "--clear-groups",
        "--inh-caps=-all", "--bounding-set=-all", *command,
    ]  # fmt: skip


async def _show_project(mounts: Mounts, setting: Setting, ground: Ground, views: Views, folder: Path) -> None:
    """Copies; the developer's own project came with the laptop."""
    if not setting.is_image:
        if setting.is_unprivileged:
            await _show_copy(mounts, setting, ground, views, ground.checkout)
        return
    emptied = [ground.project, Path(setting.project_at).parent]
    if setting.is_production:  # only what brought the system's folders, or the runtime's, can have brought it
        emptied = [ground.project] if mounts.brings(ground.project) else []
    for place in emptied:
        mounts.empties(place)
    await _show_copy(mounts, setting, ground, views, ground.image)
    for place in ground.runtime.folders:
        if any(place.is_relative_to(folder) for folder in (ground.project, *emptied)):
            mounts.shows(place)
    for number, (file, text) in enumerate(ground.runtime.redirected.items()):
        changed = folder / f"redirected-{number}"
        # Not `/home/me/app-tests` for a project at /home/me/app.
        changed.write_text(re.sub(rf"{re.escape(str(ground.project))}(?![\w.-])", lambda _: setting.project_at, text))
        changed.chmod(0o644)
        mounts.shows(changed, file)


async def _show_copy(mounts: Mounts, setting: Setting, ground: Ground, views: Views, image: Image) -> None:
    if setting.is_unprivileged:
        mounts.shows(image.folder, setting.project_at)
    else:
        mounts.shows(await views.of_copy(image.folder), setting.project_at, writable=True)
    for place in image.runtime:
        mounts.shows(ground.project / place, f"{setting.project_at}/{place}")


def _show_written(mounts: Mounts, setting: Setting, ground: Ground, folder: Path) -> None:
    """The declared writable places of a read-only stage, owned by the agent's user."""
    project = (ground.image if setting.is_image else ground.checkout).folder
    for number, declared in enumerate(ground.manifest.files.write):
        own = folder / f"written-{number}"
        seed = Path(declared) if declared.startswith("/") else project / declared
        if seed.is_file():
            own.write_bytes(b"" if declared.startswith("/") else seed.read_bytes())
        elif declared.startswith("/") or not seed.is_dir():
            own.mkdir()
        else:
            shutil.copytree(seed, own, symlinks=True)
        if os.getuid() == 0:
            for path in (own, *own.rglob("*")):
                os.chown(path, USER_ID, USER_ID, follow_symlinks=False)
        target = os.path.normpath(Path(setting.project_at) / declared)  # an absolute path stays what it is
        mounts.shows(own, target, writable=True)


def _show_slim_programs(mounts: Mounts, ground: Ground) -> None:
    kept = {*ground.runtime.programs, *ground.binaries}
    strangers = {name: path for name, path in ground.binaries.items() if str(path.parent) not in FOLDERS}
    folders = slim_folders(slim_names(ground.runtime.kind), kept, strangers, cache_folder(ground.folder / "programs"))
    for folder, replacement in folders.items():
        mounts.shows(replacement, folder)
        for name in sorted(kept):
            if (Path(folder) / name).is_file():
                mounts.shows(os.path.realpath(f"{folder}/{name}"), f"{folder}/{name}")
    for name, path in strangers.items():
        mounts.shows(path.resolve(), f"/usr/local/bin/{name}")
    if "git" not in kept and Path("/usr/lib/git-core").is_dir():
        mounts.empties("/usr/lib/git-core")


def _show_loud_programs(mounts: Mounts, setting: Setting, folder: Path) -> None:
    """Shims over the declared binaries that print a lot before they do their work.

    What a shim needs itself has a place of its own: a declared `cat` would lead to itself.
    """
    for tool in ("sh", "cat") if setting.loud_binaries else ():
        mounts.shows(os.path.realpath(f"/bin/{tool}"), f"{OURS}/{tool}")
    for name, (path, size) in setting.loud_binaries.items():
        real = (Path(setting.working_directory) / path).resolve()
        text, shim = folder / f"loud-{name}.txt", folder / f"loud-{name}"
        _write_text(text, size, ())
        shim.write_text(f'#!{OURS}/sh\n{OURS}/cat {OURS}/loud-{name}.txt\nexec {OURS}/real/{name} "$@"\n')
        shim.chmod(0o755)
        mounts.shows(real, f"{OURS}/real/{name}")
        mounts.shows(text, f"{OURS}/loud-{name}.txt")
        mounts.shows(shim, real)


async def _show_large_files(mounts: Mounts, setting: Setting, ground: Ground, views: Views, folder: Path) -> None:
    """A workspace with more in it than fits into memory: hard links, so that it costs one file."""
    declared = ground.manifest.files.workspace
    if setting.large_workspace is None or declared is None:
        return
    size, words = setting.large_workspace
    large = folder / "large"
    large.mkdir()
    large.chmod(0o755)
    first = large / "large-0000.txt"
    _write_text(first, MEBIBYTE, words)
    for number in range(1, max(1, size // MEBIBYTE)):
        (large / f"large-{number:04}.txt").hardlink_to(first)
    workspace = Path(os.path.normpath(Path(setting.project_at) / declared))
    if declared.startswith("/") and workspace.is_dir() and (view := await views.of(workspace)) is not None:
        mounts.shows(view, workspace, writable=True)
    mounts.shows(large, workspace / "large")


def _show_certificates(mounts: Mounts, ground: Ground) -> None:
    mounts.shows(ground.authority, CERTIFICATES)
    for bundle in SYSTEM_BUNDLES:
        if Path(bundle).exists():
            mounts.shows(ground.authority, os.path.realpath(bundle))


def _write_text(path: Path, size: int, words: tuple[str, ...]) -> None:
    """A text of `size` bytes whose every line holds every one of `words`."""
    line = ("a line of a large file " + " ".join(words))[:200].rstrip() + "\n"
    with path.open("w") as file:
        file.write((line * (size // len(line.encode()) + 1))[:size])
    path.chmod(0o644)
