"""Who performs a staging: root, and an ordinary user."""

from __future__ import annotations

import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import skip_or_fail
from tests.rehearsal.stage.staging import Staging

from roadworthy.rehearsal.observed import Observed
from roadworthy.rehearsal.stage.janitor import remove_tree

REPOSITORY = Path(__file__).parents[3]
ORDINARY = 54321
"""A user that no machine has: what belongs to it is made by these tests."""
PATIENCE = 60
WITHOUT_A_RECORD = ("test_conditions.py", "test_secure.py")
"""Where root's stand-in for an ordinary user shows what a real one cannot: a user that no file of users names."""


@dataclass(frozen=True)
class Actor:
    """A user on this machine, with a home folder of its own and a Python that can see this package."""

    name: str
    place: Path
    """A folder of the user's, removed after the test."""
    prefix: tuple[str, ...]
    """What starts a program as this user."""
    python: str
    is_root: bool
    cache: Path
    """For what rehearsals keep between runs: shared by all tests, so that it is made once."""

    @property
    def home(self) -> Path:
        """Closed to everybody else."""
        return self.place / "home"

    @property
    def environment(self) -> dict[str, str]:
        """Little of ours, as after a login."""
        libraries = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "XDG_CACHE_HOME": str(self.cache),
            "LANG": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": ":".join([str(REPOSITORY / "src"), str(REPOSITORY), *libraries]),
        }

    def owns(self, *paths: Path) -> None:
        """Give files and folders to this user."""
        if self.prefix and os.getuid() == 0:
            for path in paths:
                for below in (path, *path.rglob("*")):
                    os.chown(below, ORDINARY, ORDINARY, follow_symlinks=False)

    def start(
        self, *argv: str, environment: Mapping[str, str] | None = None, **options: object
    ) -> subprocess.Popen[bytes]:
        """Start a program as this user."""
        variables = [f"{name}={value}" for name, value in {**self.environment, **(environment or {})}.items()]
        return subprocess.Popen([*self.prefix, "/usr/bin/env", "-i", *variables, *argv], **options)  # type: ignore[call-overload,no-any-return]

    def performs(self, staging: Staging) -> list[Observed]:
        """What is seen of a staging that this user performs."""
        self.owns(self.place)
        result = self.place / "seen.pickle"
        process = self.start(
            self.python,
            "-m",
            "tests.rehearsal.stage.staging_process",
            str(result),
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        try:
            _, errors = process.communicate(pickle.dumps(staging), timeout=PATIENCE)
        except BaseException:
            process.kill()
            raise
        assert process.returncode == 0, errors.decode()
        seen: list[Observed] = pickle.loads(result.read_bytes())
        return seen


@pytest.fixture(scope="session")
def caches() -> Iterator[dict[str, Path]]:
    """A folder for each kind of user."""
    made = {name: Path(tempfile.mkdtemp(prefix="staging-cache-", dir="/var/tmp")) for name in ("root", "ordinary user")}
    if os.getuid() == 0:
        os.chown(made["ordinary user"], ORDINARY, ORDINARY)
    yield made
    for folder in made.values():
        remove_tree(folder)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what an ordinary user does here and `make test-stage` shows of a real one."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        is_repeated = callspec is not None and callspec.params.get("actor") == "ordinary user"
        if is_repeated and item.path.name not in WITHOUT_A_RECORD:
            item.add_marker(pytest.mark.repeated)


@pytest.fixture(params=["root", "ordinary user"])
def actor(request: pytest.FixtureRequest, caches: dict[str, Path], needs: Callable[[str], None]) -> Iterator[Actor]:
    """Root and an ordinary user, as far as this machine lets us be them."""
    needs("bwrap")
    with a_place() as place:
        made = (as_root if request.param == "root" else as_ordinary_user)(place, caches[request.param])
        made.owns(place)
        yield made


@pytest.fixture
def me(caches: dict[str, Path], needs: Callable[[str], None]) -> Iterator[Actor]:
    """Whoever runs the tests."""
    needs("bwrap")
    is_root = os.getuid() == 0
    with a_place() as place:
        yield Actor("me", place, (), sys.executable, is_root, caches["root" if is_root else "ordinary user"])


@contextmanager
def a_place() -> Iterator[Path]:
    """A folder that every user can pass, with a home in it that is closed."""
    place = Path(tempfile.mkdtemp(prefix="staging-", dir="/var/tmp"))
    try:
        place.chmod(0o755)
        (place / "home").mkdir(mode=0o700)
        yield place
    finally:
        remove_tree(place)


def as_root(place: Path, cache: Path) -> Actor:
    """Root, by sudo where it asks no question."""
    if os.getuid() == 0:
        return Actor("root", place, (), sys.executable, True, cache)
    if subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("not root, and sudo asks for a password")
    return Actor("root", place, ("sudo", "-n"), sys.executable, True, cache)


def as_ordinary_user(place: Path, cache: Path) -> Actor:
    """This user, or from root one that is nobody else."""
    if os.getuid() != 0:
        return Actor("ordinary user", place, (), sys.executable, False, cache)
    if shutil.which("setpriv") is None:
        skip_or_fail("setpriv is not installed: apt-get install util-linux")
    prefix = ("setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups")
    for python in (sys.executable, "/usr/bin/python3"):
        tried = Actor("ordinary user", place, prefix, python, False, cache)
        process = tried.start(python, "-c", "import roadworthy.rehearsal.run", stderr=subprocess.PIPE)
        _, errors = process.communicate(timeout=PATIENCE)
        if process.returncode == 0:
            break
    else:
        pytest.skip(f"no Python that another user can start sees this package: {errors.decode().splitlines()[-1]}")
    process = tried.start("unshare", "--user", "--net", "true", stderr=subprocess.PIPE)
    _, errors = process.communicate(timeout=PATIENCE)
    if process.returncode != 0:
        pytest.skip(f"ordinary users may make no namespaces here: {errors.decode().strip()}")
    return tried
