"""What the agent wrote, found in its views and copies."""

from __future__ import annotations

import os
from pathlib import Path

from roadworthy.rehearsal.stage.written import written_texts


def test_files_in_an_upper_layer_are_found(tmp_path: Path) -> None:
    (tmp_path / "view-1" / "upper" / "logs").mkdir(parents=True)
    (tmp_path / "view-1" / "upper" / "logs" / "agent.log").write_text("hello")

    assert written_texts(tmp_path, 0.0) == {"logs/agent.log": "hello"}


def test_what_a_copy_held_before_is_not_the_agents(tmp_path: Path) -> None:
    copy = tmp_path / "view-1" / "copy"
    copy.mkdir(parents=True)
    for name, moment in (("old.txt", 100.0), ("new.txt", 300.0), (".env", 300.0)):
        (copy / name).write_text(name)
        os.utime(copy / name, (moment, moment))

    assert written_texts(tmp_path, 200.0) == {"new.txt": "new.txt"}


def test_without_views_nobody_knows(tmp_path: Path) -> None:
    assert written_texts(tmp_path, 0.0) is None
