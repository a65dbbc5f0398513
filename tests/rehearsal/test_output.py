"""What the agent prints, through real pipes: whole lines, in order, redacted, and bounded."""

from __future__ import annotations

import asyncio
import os
import resource
import threading

import pytest

from roadworthy.rehearsal.observed import LONGEST_LINE, OutputLine
from roadworthy.rehearsal.output import HEAD, TAIL, Output


async def printed(*pieces: bytes, stream: str = "stdout") -> Output:
    """What is kept of an agent that writes these pieces and ends."""
    output = Output(lambda: 1.0, lambda text: text.replace("secret", "***"))
    writer = os.dup(output.writers[stream])
    output.started()

    def write() -> None:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                view = view[os.write(writer, view) :]
        os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    await output.drain(60)
    thread.join()
    output.close()
    return output


async def test_lines_come_whole_whatever_the_pieces() -> None:
    output = await printed(b"fir", b"st\nsecond\n", b"\n", b"last without end")

    assert [line.text for line in output.lines] == ["first", "second", "", "last without end"]
    assert {line.stream for line in output.lines} == {"stdout"}


async def test_both_streams_are_told_apart() -> None:
    assert [line.stream for line in (await printed(b"oh\n", stream="stderr")).lines] == ["stderr"]


async def test_a_secret_is_redacted_also_across_two_writes() -> None:
    assert [line.text for line in (await printed(b"the sec", b"ret is out\n")).lines] == ["the *** is out"]


async def test_what_is_no_text_is_borne() -> None:
    assert [line.text for line in (await printed(b"\xff\xfe\x00\n")).lines] == ["\ufffd\ufffd\x00"]


async def test_a_line_without_end_is_cut_and_its_rest_left_out() -> None:
    output = await printed(b"a" * 1_000_000, b"secr", b"et" * 500_000, b"\nnext\n")

    first, second = output.lines
    assert first.text == "a" * LONGEST_LINE
    assert second.text == "next"


async def test_the_first_and_the_last_lines_are_kept() -> None:
    lines = [b"%08d %b\n" % (number, b"." * 90) for number in range(100_000)]

    output = await printed(b"".join(lines))

    kept = [int(line.text[:8]) for line in output.lines]
    assert kept[0] == 0
    assert kept[-1] == 99_999
    assert kept == sorted(kept)
    assert output.dropped > 0
    assert sum(len(line.text) for line in output.lines) < HEAD + TAIL


@pytest.mark.parametrize("line", [b"x" * 99 + b"\n", b"\n", b"x" * (1 << 16)], ids=["lines", "empty lines", "no lines"])
async def test_a_flood_of_lines_costs_little_memory(line: bytes) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chunk = line * ((1 << 20) // len(line))

    output = await printed(*[chunk] * (1 if line == b"\n" else 60))

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < 60 << 20
    assert all(isinstance(each, OutputLine) for each in output.lines)


async def test_nothing_printed_is_nothing_kept() -> None:
    output = Output(lambda: 0.0, str)
    output.close()

    assert output.lines == []
    await asyncio.wait_for(output.drain(1), 1)
