"""The parts of a scan, each in a process of its own; what they say to each other is what files need of each other."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from roadworthy.scan.disk import Asked
from roadworthy.scan.part import Entry, Part

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess

    from roadworthy.scan.files import File

WORTH_A_PROCESS = 150_000
"""Bytes of source: what one process reads and judges in about 0.2 s, ten times what it takes to start one."""

RUNS = 8
"""Pieces of the row of files that make a share."""


def processors() -> int:
    """How many processes can work side by side here: one where none can be started as a copy of this one."""
    if sys.platform in ("win32", "darwin"):
        return 1  # no `fork`, or none that is safe beside the system's own libraries
    return len(os.sched_getaffinity(0))


def shares(files: list[tuple[File, int]], number: int) -> list[list[File]]:
    """The files with their sizes in bytes, shared out evenly: files that lie together know most of each other, and yet
    no share gets a folder's tests alone, which take little time."""
    found: list[list[File]] = [[] for _ in range(number)]
    whole, before = sum(size for _, size in files) + 1, 0
    for file, size in files:
        found[before * RUNS * number // whole % number].append(file)
        before += size
    return found


def run(parts: list[Part]) -> tuple[dict[str, Entry], Asked]:
    """Read and judge all parts, the first one in this process: every file's entry, and what was asked of the disk."""
    own, project = parts[0], parts[0].project
    with _others(parts[1:]) as others:
        summaries = own.read()
        for other in others:
            summaries += _heard(other)
        for other in others:
            other.send(summaries)
        project.learn(summaries)
        entries = own.judge()
        asked = project.disk.asked
        for other in others:
            its_entries, its_asked = _heard(other)
            entries |= its_entries
            asked |= its_asked
    return entries, asked


def _heard(other: Connection[Any, Any]) -> Any:
    said = other.recv()
    if isinstance(said, Exception):
        raise said
    return said


@contextmanager
def _others(parts: list[Part]) -> Iterator[list[Connection[Any, Any]]]:
    context = multiprocessing.get_context("fork")
    processes: list[ForkProcess] = []
    ends: list[Connection[Any, Any]] = []
    try:
        for part in parts:
            assert context is not None
            mine, its = context.Pipe()
            ends.append(mine)
            process = context.Process(target=_work, args=(part, its, list(ends)), daemon=True)
            process.start()
            its.close()
            processes.append(process)
        yield ends
    finally:
        for end in ends:
            end.close()
        for process in processes:
            process.terminate()
            process.join()


def _work(part: Part, parent: Connection[Any, Any], ends: list[Connection[Any, Any]]) -> None:
    """One part, in its own process; ends when the parent's end of the pipe is closed, whatever became of it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is told as well, and ends this one
    for end in ends:
        end.close()
    try:
        parent.send(part.read())
        part.project.learn(parent.recv())
        parent.send((part.judge(), part.project.disk.asked))
    except (EOFError, BrokenPipeError):
        return
    except Exception as error:  # noqa: BLE001 - whatever a rule raises, the parent raises it
        error.add_note(traceback.format_exc())  # where it was is lost on the way
        parent.send(error)
