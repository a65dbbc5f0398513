"""The pytest plugin's hooks and fixtures: thin shells, so that a project that uses none of them pays nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from roadworthy.manifest.model import Manifest
    from roadworthy.testing.faults import FaultPoints
    from roadworthy.testing.production_like import ProductionLike
    from roadworthy.testing.programs import Programs
    from roadworthy.testing.scene import Scene
    from roadworthy.testing.simulated_model import SimulatedModel

FIXTURES = frozenset({"production_like", "simulated_model", "fault", "missing_binary"})
MANIFEST: pytest.StashKey[Manifest | None] = pytest.StashKey()
SCENE: pytest.StashKey[Scene] = pytest.StashKey()
PROBLEM: pytest.StashKey[str] = pytest.StashKey()
"""A mistake that a worker of xdist has met: it cannot end the session, so it fails what asks for us."""
USES_REHEARSAL: pytest.StashKey[bool] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options."""
    group = parser.getgroup("roadworthy")
    group.addoption(
        "--roadworthy",
        action="store_true",
        help="Collect the rehearsal of the manifest too: a test for each scenario.",
    )
    parser.addini("roadworthy_manifest", "The manifest, or its folder, from the root folder. [default: in it]")


def pytest_configure(config: pytest.Config) -> None:
    """Our markers, so that --strict-markers knows them."""
    config.addinivalue_line("markers", "rehearse(code, ...): rehearse these scenarios first; fail as they fail")
    config.addinivalue_line(
        "markers",
        "production_like(variables=True, folder=True, path=True, loopback=True, memory=True): "
        "which parts of the fixture's environment are production's",
    )
    if config.getoption("roadworthy") and not _is_worker(config):
        _the_manifest(config)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """With --roadworthy the manifest is collected like a file of tests."""
    if not parent.config.getoption("roadworthy"):
        return None
    manifest = _manifest(parent.config)
    if manifest is None or manifest.source is None or file_path.resolve() != manifest.source.resolve():
        return None
    from roadworthy.testing.collecting import RehearsalFile

    return RehearsalFile.from_parent(parent, path=file_path)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    """Before anything is deselected: add the rehearsal, and look for mistakes in what we are asked for."""
    try:
        _look(session, config, items)
    except pytest.UsageError as error:
        if not _is_worker(config):
            raise
        config.stash[PROBLEM] = str(error)


def pytest_collection_finish(session: pytest.Session) -> None:
    """After deselection: what is left is rehearsed, and nothing else."""
    if not session.config.stash.get(USES_REHEARSAL, False):
        return
    from roadworthy.testing.collecting import prepare

    manifest = _manifest(session.config)
    assert manifest is not None
    prepare(session, manifest, _shared_place(session.config))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The rehearsal runs before any fixture has changed the process."""
    if PROBLEM in item.config.stash and _is_ours(item):
        pytest.fail(item.config.stash[PROBLEM], pytrace=False)
    if item.config.stash.get(USES_REHEARSAL, False):
        from roadworthy.testing.collecting import run

        run(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Verdicts come before the test's own body; what our parts have to complain of comes after it."""
    if item.config.stash.get(USES_REHEARSAL, False):
        from roadworthy.testing.collecting import judge

        judge(item)
    scene = item.stash.get(SCENE, None)
    if scene is None:
        return (yield)
    try:
        result = yield
    except BaseException:
        _note(item, scene, [*scene.complaints, *scene.notes])
        raise
    for judgement in scene.judgements:
        judgement()
    _note(item, scene, scene.notes)
    if scene.complaints:
        pytest.fail("\n".join(scene.complaints), pytrace=False)
    return result


@pytest.fixture(scope="session")
def _roadworthy_programs() -> Iterator[Callable[[], Programs]]:
    made: list[Programs] = []

    def programs() -> Programs:
        if not made:
            from roadworthy.testing.programs import Programs

            made.append(Programs())
        return made[0]

    yield programs
    for each in made:
        each.close()


@pytest.fixture
def _roadworthy_scene(request: pytest.FixtureRequest, _roadworthy_programs: Callable[[], Programs]) -> Iterator[Scene]:
    from roadworthy.testing.scene import Scene

    with _mistakes_told():
        manifest = _manifest(request.config)
    request.node.stash[SCENE] = scene = Scene(manifest, _roadworthy_programs)
    try:
        # Whatever the order in which a test names them: what is declared comes first, what leads elsewhere after it.
        if "production_like" in request.fixturenames:
            scene.production_like = _production_like(request, scene)
        yield scene
    finally:
        del request.node.stash[SCENE]
        scene.close()


@pytest.fixture
def production_like(_roadworthy_scene: Scene, request: pytest.FixtureRequest) -> ProductionLike:
    """The process as production has it: declared variables only and small limits (TOOL_TIMEOUT=5,
    MAX_CONTEXT_SIZE=1000, DEBUG=false), another working directory, a slim image's PATH, a closed loopback, and a
    memory limit on child processes. `@pytest.mark.production_like(loopback=False)` leaves a part as it is.
    """
    scene = _roadworthy_scene
    if scene.production_like is None:
        scene.production_like = _production_like(request, scene)
    return scene.production_like


@pytest.fixture
def simulated_model(_roadworthy_scene: Scene) -> SimulatedModel:
    """A model provider on a real socket, to which the OpenAI and Anthropic SDKs are led by their variables.

    `simulated_model.replies("…")`, `.calls("tool", argument=…)`, `.fails(429, retry_after=2, times=1)`, `.stalls()`,
    `.slow(2)`, `.recovers()`; `.requests` is what was sent.
    """
    from roadworthy.testing.simulated_model import SimulatedModel

    model = SimulatedModel(_roadworthy_scene)
    with _mistakes_told():
        model.set_up()
    _roadworthy_scene.judgements.append(model.judge)
    return model


@pytest.fixture
def fault(_roadworthy_scene: Scene) -> FaultPoints:
    """Break a declared service on the wire: `fault(service="database", kind="refuse")`; `reset`, `silent`, `slow`."""
    from roadworthy.testing.faults import FaultPoints

    points = FaultPoints(_roadworthy_scene)
    with _mistakes_told():
        points.set_up()
    _roadworthy_scene.judgements.append(points.judge)
    return points


@pytest.fixture
def missing_binary(_roadworthy_scene: Scene) -> Callable[[str], None]:
    """Take a program away from PATH: `missing_binary("rg")`."""
    from roadworthy.testing.programs import take_away

    return lambda name: take_away(name, _roadworthy_scene)


def _production_like(request: pytest.FixtureRequest, scene: Scene) -> ProductionLike:
    from roadworthy.testing.production_like import ProductionLike, options_of

    with _mistakes_told():
        made = ProductionLike(scene, options_of(request.node))
        made.set_up()
    return made


class _mistakes_told:  # noqa: N801 - read as a word of the `with` statement
    """A mistake of the user's is its message alone, without a traceback through this plugin."""

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, problem: BaseException | None, _trace: object) -> None:
        from roadworthy.errors import UsageError

        if isinstance(problem, UsageError | pytest.UsageError):
            raise pytest.fail.Exception(str(problem), pytrace=False) from None


def _manifest(config: pytest.Config) -> Manifest | None:
    """The session's manifest, read once; None where there is none. Raises pytest.UsageError for a wrong one."""
    if MANIFEST not in config.stash:
        from roadworthy.errors import UsageError
        from roadworthy.testing.declared import manifest_of

        try:
            config.stash[MANIFEST] = manifest_of(config.rootpath, config.getini("roadworthy_manifest") or None)
        except UsageError as error:
            raise pytest.UsageError(str(error)) from None
    return config.stash[MANIFEST]


def _look(session: pytest.Session, config: pytest.Config, items: list[pytest.Item]) -> None:
    wants_rehearsal = config.getoption("roadworthy")
    marked = any(item.get_closest_marker("rehearse") is not None for item in items)
    if not (wants_rehearsal or marked or any(map(_is_ours, items))):
        return
    from roadworthy.errors import UsageError
    from roadworthy.testing.collecting import RehearsalItem, note_codes, rehearsal_file
    from roadworthy.testing.production_like import options_of

    manifest = _the_manifest(config) if wants_rehearsal or marked else _manifest(config)
    if wants_rehearsal and manifest is not None and not any(isinstance(item, RehearsalItem) for item in items):
        items += rehearsal_file(session, manifest).collect()
    try:
        noted = [note_codes(item) for item in items]
        for item in items:
            options_of(item)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[USES_REHEARSAL] = any(noted)


def _the_manifest(config: pytest.Config) -> Manifest:
    """The manifest, where a rehearsal needs it. Raises pytest.UsageError."""
    manifest = _manifest(config)
    if manifest is None or manifest.source is None:
        who = "--roadworthy" if config.getoption("roadworthy") else "@pytest.mark.rehearse"
        raise pytest.UsageError(
            f"{who}: no manifest in {config.rootpath}\n"
            "  write one with `roadworthy init`, or name it: `roadworthy_manifest` in pytest's ini file"
        )
    return manifest


def _is_ours(item: pytest.Item) -> bool:
    fixtures = getattr(item, "fixturenames", ())
    return not FIXTURES.isdisjoint(fixtures) or item.get_closest_marker("rehearse") is not None


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _shared_place(config: pytest.Config) -> Path | None:
    """A path that all workers of this session know, and no other session; None without workers."""
    if not _is_worker(config):
        return None
    folder: Path = config._tmp_path_factory.getbasetemp().parent  # type: ignore[attr-defined]
    return folder / f"roadworthy-{config.workerinput['testrunuid']}"  # type: ignore[attr-defined]


def _note(item: pytest.Item, scene: Scene, lines: list[str]) -> None:
    if lines:
        item.add_report_section("call", "roadworthy", "\n".join(lines))
        scene.notes = []
