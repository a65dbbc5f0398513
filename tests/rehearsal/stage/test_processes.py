"""What a process holds, seen from outside: anonymous and shared pages count, those of files do not."""

from __future__ import annotations

import mmap
import os
import sys
import tempfile
from pathlib import Path

import pytest

from roadworthy.rehearsal.stage.processes import held, open_files, proportional, threads

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc")

SIZE = 24 << 20
SLACK = 4 << 20


def test_memory_of_its_own_counts():
    before = held(os.getpid())
    kept = bytearray(os.urandom(SIZE))

    assert held(os.getpid()) - before == pytest.approx(len(kept), abs=SLACK)


def test_the_pages_of_a_file_do_not_count(tmp_path: Path):
    file = tmp_path / "index"
    file.write_bytes(os.urandom(SIZE))
    before, before_all = held(os.getpid()), proportional(os.getpid())
    with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert sum(mapped[:: mmap.PAGESIZE]) > 0

        assert held(os.getpid()) - before < SLACK
        assert proportional(os.getpid()) - before_all > SIZE - SLACK


def test_threads_and_open_files_are_counted():
    before = open_files(os.getpid())
    with tempfile.TemporaryFile():
        assert open_files(os.getpid()) == before + 1
    assert threads(os.getpid()) >= 1


def test_a_process_that_has_gone_holds_nothing():
    assert (held(2**22 + 1), threads(2**22 + 1), open_files(2**22 + 1)) == (0, 0, 0)
