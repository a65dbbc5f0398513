"""Edits applied to files: nothing but the edit changes, and what is not sure is not written."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from roadworthy.findings import Edit, Finding, Replacement
from roadworthy.hazards import rules
from roadworthy.scan.edits import content_of, with_argument
from roadworthy.scan.engine import scan
from roadworthy.scan.fixing import Refused, applied, diff_of, planned, write
from roadworthy.scan.module import Module
from roadworthy.scan.project import Project

HERE = Path(__file__).parent
ASKS = "import requests\n\n\ndef f(url):\n    return requests.get(url)\n"
SCRIPT = "import subprocess\n\n\ndef f():\n    subprocess.run(['./tool.sh'], timeout=5)\n"


def findings(folder: Path, *codes: str) -> list[Finding]:
    return scan(folder, list(rules(only=codes)), None).findings


def fixed(folder: Path, *codes: str) -> list[str]:
    """The codes of what was mended in one go."""
    plan = planned(folder, findings(folder, *codes))
    for file in plan.files:
        write(folder, file)
    return [finding.code for finding in plan.made]


def edit(text: str, *replacements: tuple[tuple[int, int], tuple[int, int], str]) -> Finding:
    made = Edit("a.py", content_of(text), tuple(Replacement(*each) for each in replacements))
    return Finding("PATH101", "a message", path="a.py", line=1, edit=made)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(ASKS.replace("\n", "\r\n").encode(), id="line ends of Windows"),
        pytest.param(ASKS.replace("\n", "\r").encode(), id="line ends of old Macs"),
        pytest.param(ASKS.replace("\n\n", "\r\n\n", 1).encode(), id="mixed line ends"),
        pytest.param(b"\xef\xbb\xbf" + ASKS.encode(), id="a byte-order mark"),
        pytest.param(ASKS.replace("\n\n\n", "\n\f\n\n").encode(), id="a form feed"),
        pytest.param(ASKS.replace("    return", "    x = '\f'; return").encode(), id="a form feed in the line"),
        pytest.param(ASKS.replace("    return", "    x = '\u2028'; return").encode(), id="a separator in a text"),
        pytest.param(ASKS.replace("    return", "\té = '☃𝕏'; return").encode(), id="tabs and long characters"),
        pytest.param(ASKS.rstrip().encode(), id="no line end at the end"),
        pytest.param(("# coding: latin-1\nx = 'é'\n" + ASKS).encode("latin-1"), id="another encoding"),
    ],
)
def test_all_but_the_edit_stays_byte_for_byte(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(data)

    assert fixed(tmp_path, "TIME101") == ["TIME101"]

    assert file.read_bytes() == data.replace(b"get(url)", b"get(url, timeout=10)")
    assert findings(tmp_path, "TIME101") == []


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_new_line_ends_as_the_others_do(tmp_path: Path, line_end: str) -> None:
    (tmp_path / "prompt.txt").write_text("")
    (tmp_path / "a.py").write_bytes(b"import os\nx = open('prompt.txt')\n".replace(b"\n", line_end.encode()))

    fixed(tmp_path, "PATH101")

    expected = b"import os\nfrom pathlib import Path\nx = open(Path(__file__).parent / 'prompt.txt')\n"
    assert (tmp_path / "a.py").read_bytes() == expected.replace(b"\n", line_end.encode())


@pytest.mark.parametrize("encoding", ["shift_jis", "iso2022_jp", "utf-7"])
def test_a_file_in_an_encoding_with_a_memory_is_left(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.py").write_bytes(f"# coding: {encoding}\nx = 'あ'\n{ASKS}".encode(encoding))
    found = findings(tmp_path, "TIME101")

    plan = planned(tmp_path, found)

    assert plan.files == []
    assert [why for _, why in plan.refused] == [f"it is written in {encoding}, in which bytes may change"]


def test_a_notebook_is_left() -> None:
    module = Module("a.ipynb", "x = requests.get(url)\n", Project(Path()), "a", "")

    assert with_argument(next(iter(module.calls)), "timeout=10") is None


def test_a_file_that_changed_since_the_scan_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(ASKS)
    found = findings(tmp_path, "TIME101")
    (tmp_path / "a.py").write_text("# new\n" + ASKS)

    plan = planned(tmp_path, found)

    assert plan.files == []
    assert [why for _, why in plan.refused] == ["the file is another one than was scanned"]


def test_a_file_that_changes_while_it_is_mended_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(ASKS)
    (file,) = planned(tmp_path, findings(tmp_path, "TIME101")).files
    (tmp_path / "a.py").write_text("# new\n" + ASKS)

    with pytest.raises(Refused, match="changed while"):
        write(tmp_path, file)

    assert (tmp_path / "a.py").read_text() == "# new\n" + ASKS


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    assert [why for _, why in planned(tmp_path, [edit("x\n")]).refused] == ["the file is not there"]


def test_what_would_be_no_python_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 2\n")
    broken, right = (edit("x = 1\ny = 2\n", each) for each in (((1, 5), (1, 6), "("), ((2, 5), (2, 6), "3")))

    plan = planned(tmp_path, [broken, right])

    assert plan.refused == [(broken, "the result would be no Python")]
    assert [file.after for file in plan.files] == [b"x = 1\ny = 3\n"]


def test_of_two_edits_that_overlap_the_first_one_wins(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = abc\n")
    first, second = (edit("x = abc\n", each) for each in (((1, 5), (1, 7), "d"), ((1, 6), (1, 8), "e")))

    plan = planned(tmp_path, [first, second])

    assert plan.waiting == [second]
    assert [file.after for file in plan.files] == [b"x = dc\n"]


def test_edits_side_by_side_are_all_made(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = f(1)\n")
    both = [edit("x = f(1)\n", each) for each in (((1, 7), (1, 8), "2"), ((1, 8), (1, 8), ", 3"))]

    (file,) = planned(tmp_path, both).files

    assert file.after == b"x = f(2, 3)\n"


def test_the_mode_of_a_file_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(ASKS)
    (tmp_path / "a.py").chmod(0o640)

    fixed(tmp_path, "TIME101")

    assert stat.S_IMODE((tmp_path / "a.py").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


def test_a_link_within_the_project_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "b.py").write_text(ASKS)
    (tmp_path / "a.py").symlink_to("b.py")
    plan = planned(tmp_path, [each for each in findings(tmp_path, "TIME101") if each.path == "a.py"])

    write(tmp_path, plan.files[0])

    assert (tmp_path / "a.py").is_symlink()
    assert "timeout=10" in (tmp_path / "b.py").read_text()


def test_a_link_that_leaves_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "outside.py").write_text(ASKS)
    (tmp_path / "project" / "a.py").symlink_to("../outside.py")

    plan = planned(tmp_path / "project", findings(tmp_path / "project", "TIME101"))

    assert plan.files == []
    assert [why for _, why in plan.refused] == ["a link leads out of the project"]


@pytest.mark.ordinary_user
def test_a_folder_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(ASKS)
    (file,) = planned(tmp_path, findings(tmp_path, "TIME101")).files
    tmp_path.chmod(0o500)

    with pytest.raises(Refused, match="cannot be written"):
        write(tmp_path, file)


def test_whoever_may_read_a_script_may_run_it_then(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "tool.sh").write_bytes(b"#!/bin/sh\necho \xff\n")
    (tmp_path / "tool.sh").chmod(0o640)

    assert fixed(tmp_path, "PERM101") == ["PERM101"]

    assert stat.S_IMODE((tmp_path / "tool.sh").stat().st_mode) == 0o750
    assert findings(tmp_path, "PERM101") == []


def test_a_script_gets_its_run_bit_in_git_too(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "tool.sh").write_text("#!/bin/sh\n")
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)

    assert fixed(tmp_path, "PERM101") == ["PERM101"]

    listed = subprocess.run(["git", "-C", tmp_path, "ls-files", "-s", "tool.sh"], capture_output=True, text=True)
    assert listed.stdout.startswith("100755")
    assert findings(tmp_path, "PERM101") == []


def test_a_script_that_says_not_what_runs_it_is_left(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SCRIPT)
    (tmp_path / "tool.sh").write_text("echo\n")

    (finding,) = findings(tmp_path, "PERM101")

    assert finding.edit is None


def test_a_diff_is_one_that_git_applies(tmp_path: Path) -> None:
    project, copy = tmp_path / "project", tmp_path / "copy"
    project.mkdir()
    (project / "a.py").write_bytes(SCRIPT.encode() + b"\f\nx = '\xe2\x98\x83'\r\n" + ASKS.rstrip().encode())
    (project / "b.py").write_bytes(b"# coding: latin-1\nx = '\xe9'\n" + ASKS.encode())
    (project / "tool.sh").write_text("#!/bin/sh\n")
    shutil.copytree(project, copy)
    plan = planned(project, findings(project, "PERM101", "TIME101"))

    diff = "".join(diff_of(project, file, file.path) for file in plan.files)
    subprocess.run(["git", "apply", "-"], cwd=copy, input=diff.encode("utf-8", "surrogateescape"), check=True)

    assert [file.path for file in plan.files] == ["a.py", "b.py", "tool.sh"]
    for file in plan.files:
        write(project, file)
        assert (copy / file.path).read_bytes() == (project / file.path).read_bytes()
        assert os.access(copy / file.path, os.X_OK) == os.access(project / file.path, os.X_OK)


SNIPPETS = sorted(HERE.glob("*/true/*"))


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda path: f"{path.parent.parent.name}-{path.name}")
def test_what_is_mended_in_a_snippet_is_found_no_more(snippet: Path, tmp_path: Path) -> None:
    """Every rule: its edits leave Python, mend what they are of, and a second time there is nothing to do."""
    code = snippet.parent.parent.name
    if snippet.is_dir():
        shutil.copytree(snippet, tmp_path, dirs_exist_ok=True)
    else:
        shutil.copy(snippet, tmp_path)
    before = findings(tmp_path, code)

    made = fixed(tmp_path, code)

    assert len(findings(tmp_path, code)) == len(before) - len(made)
    assert fixed(tmp_path, code) == []


# In these pieces nothing that a mend adds occurs, so that taking it out again must give what was there.
pieces = st.sampled_from(
    [
        "#☃\n",
        "x = '𝕏é'\n",
        "\f\n",
        "\n",
        "x = \\\n 1\n",
        '"""\n\u2028"""\n',
        "import os\n",
        "if url:\n\tx = '\f' ; y = '𝕏'\n",
    ]
)
calls = st.builds(
    "requests.get({}{}{})\n".format,
    st.sampled_from(["", " ", "\n  ", "*('é',), ", "\f"]),
    st.sampled_from(["url", "('☃' + url)", "[url][0]", "f'{url}'", "url, headers={'a': '),'}", '"""\n☃""" + url']),
    st.sampled_from(["", ",", " ,\n", "\n", " # )\n", ", # é,\n\t", ",\f", " \\\n"]),
)


@given(
    source=st.lists(pieces | calls, max_size=8).map("".join),
    last=calls,
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_any_edit_keeps_everything_else(
    source: str, last: str, line_end: str, mark: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    data = mark + f"import requests\n{source}{last}".replace("\n", line_end).encode()
    (folder / "a.py").write_bytes(data)
    found = findings(folder, "TIME101")

    plan = planned(folder, found)

    assert found
    assert len(plan.made) == len(found)
    for file in plan.files:
        without = file.after.decode()
        for added in (f"{line_end}  timeout=10,", f"{line_end}\ttimeout=10,", f"{line_end}timeout=10,"):
            without = without.replace(added, "")
        for added in (", timeout=10", " timeout=10,", "timeout=10"):
            without = without.replace(added, "")
        assert without.encode() == data


@given(data=st.data())
def test_any_replacements_change_their_own_ranges_alone(data: st.DataObject) -> None:
    text = data.draw(st.text(st.sampled_from("aé☃𝕏\n\f\t\u2028 "), max_size=40))
    ends = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pairs = list(zip(ends[::2], ends[1::2], strict=False))
    assume(len({start for start, _ in pairs}) == len(pairs))
    line_end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    expected, done = "", 0
    for start, end in pairs:
        expected, done = f"{expected}{text[done:start]}<{start}>", end
    expected += text[done:]
    replacements = [Replacement(place(text, start), place(text, end), f"<{start}>") for start, end in pairs]

    after = applied(text.replace("\n", line_end).encode(), replacements, "utf-8")

    assert after.decode() == expected.replace("\n", line_end)


def place(text: str, at: int) -> tuple[int, int]:
    before = text[:at].split("\n")
    return len(before), len(before[-1]) + 1
