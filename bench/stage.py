"""What the sandbox and its world add to starting a process: medians of paired runs.

    python bench/stage.py [RUNS]

Each round starts `/bin/true` three ways, one after the other: bare, in the sandbox with a network of its own and
nothing in it, and in the sandbox with its world (providers, resolver, mirrored ports), and waits for its end.
Goals: sandbox ≤ 50 ms over bare, with its world ≤ 150 ms.
"""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from roadworthy.manifest.model import Agent, Manifest
from roadworthy.rehearsal.output import Output
from roadworthy.rehearsal.scenario import Trial
from roadworthy.rehearsal.stage.bubblewrap import build
from roadworthy.rehearsal.stage.inspect import choose, examined
from roadworthy.rehearsal.stage.network import Network
from roadworthy.rehearsal.stage.project import build_image
from roadworthy.rehearsal.stage.run_folder import RunFolder
from roadworthy.rehearsal.stage.runtime import find_runtime
from roadworthy.rehearsal.stage.setting import Ground, setting_for
from roadworthy.rehearsal.stage.stage import Programs, Start
from roadworthy.rehearsal.values import Values
from roadworthy.rehearsal.world.authority import make_authority
from roadworthy.rehearsal.world.model.providers import HOSTS, Providers, Settings
from roadworthy.rehearsal.world.world import World

COMMAND = ("/bin/true",)


async def bare() -> None:
    process = await asyncio.create_subprocess_exec(*COMMAND)
    await process.wait()


def a_start(ground: Ground, folder: RunFolder, world: World, output: Output) -> Start:
    name, own = folder.new_start()
    programs = Programs(folder.new_folder("waits"))
    return Start(setting_for(Trial(), ground), ground, own, name, world, output, programs, time.monotonic, {})


async def sandbox(ground: Ground, folder: RunFolder, world: World, bubblewrap: str) -> None:
    output = Output(time.monotonic, str)
    start = a_start(ground, folder, world, output)
    network = await Network.open(output=output.writers["stdout"], errors=output.writers["stderr"])
    output.started()
    built = await build(start, network, bubblewrap)
    network.run(built.argv, built.environment)
    network.close()
    assert await network.process.wait() == 0
    output.close()


def a_world(context: ssl.SSLContext) -> World:
    return World(Providers(Settings(), time.monotonic), time.monotonic, context=context, hosts=HOSTS, services=())


async def with_world(ground: Ground, folder: RunFolder, context: ssl.SSLContext) -> None:
    stage = await_stage[0]
    output = Output(time.monotonic, str)
    world = a_world(context)
    running = await stage.start(a_start(ground, folder, world, output))
    assert await running.process.wait() == 0
    await running.end()
    await world.close()
    output.close()


await_stage: list = []  # type: ignore[type-arg]


async def main(runs: int) -> None:
    machine = await examined("bubblewrap")
    await_stage.append(await choose("bubblewrap"))
    folder = RunFolder()
    try:
        with tempfile.TemporaryDirectory() as project:
            root = Path(project)
            image = build_image(root, folder.path / "image", obeys_dockerignore=True, writable=())
            authority = folder.path / "certificates.pem"
            context = make_authority(HOSTS, authority)
            ground = Ground(
                manifest=Manifest(root=root, agents={"a": Agent(command=COMMAND)}),
                command=COMMAND,
                project=root,
                runtime=find_runtime(COMMAND, root, os.environ["PATH"]),
                values=Values(dict(os.environ), {}, {}, (), {}, {}),
                services=(),
                image=image,
                checkout=image,
                folder=folder.path,
                authority=authority,
                binaries={},
            )
            times: dict[str, list[float]] = {"bare": [], "sandbox": [], "with its world": []}
            for _ in range(runs + 1):
                for name, start in (
                    ("bare", bare),
                    ("sandbox", lambda: sandbox(ground, folder, a_world(context), machine.bubblewrap or "")),
                    ("with its world", lambda: with_world(ground, folder, context)),
                ):
                    began = time.perf_counter()
                    await start()
                    times[name].append((time.perf_counter() - began) * 1000)
    finally:
        folder.remove()
    first = median(times["bare"][1:])
    print(f"{runs} rounds on tier {machine.tier}, the first left out, milliseconds")
    for name, each in times.items():
        middle = median(each[1:])
        spread = f"from {min(each):.1f} to {max(each):.1f}"
        print(f"{name:15} median {middle:7.1f}   over bare {middle - first:7.1f}   {spread}")


if __name__ == "__main__":
    import uvloop

    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
