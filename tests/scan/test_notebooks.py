"""The code of notebooks, each line where it stands in the file."""

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.hazards import rules
from roadworthy.scan.engine import scan
from roadworthy.scan.notebooks import cells


def notebook(*sources: object) -> str:
    return json.dumps({"cells": [{"cell_type": "code", "source": source} for source in sources]})


def test_a_notebooks_code_is_read_without_its_magic() -> None:
    text = notebook(["import os\n", "%pip install x\n", "!ls"], "%%bash\nls\n", "x = os.getcwd()")

    assert cells(text) == "import os\n#%pip install x\n#!ls\nx = os.getcwd()\n"


def test_a_cell_that_is_no_python_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text(notebook("pip install x", "model = 'claude-2.1'", "  indented = 1"))
    done = scan(tmp_path, list(rules(only=["MODEL103"])))

    assert done.problems == []
    assert [each.text for each in done.findings] == ["model = 'claude-2.1'"]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["cells", "cell_type", "source", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON.map(json.dumps) | st.text(max_size=20))
def test_any_json_is_a_notebook_or_none(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert cells(text).endswith("\n")


def written(sources: list[list[str]], escaped: bool = False) -> str:
    """As Jupyter writes it: what a cell put out stands before its code."""
    put_out = [{"output_type": "stream", "name": "stdout", "text": ["import os\n"]}]
    code = [{"cell_type": "code", "outputs": put_out, "source": source} for source in sources]
    text = {"cell_type": "markdown", "source": ["How it begins:\n", "import os"]}
    return json.dumps({"cells": [text, *code]}, indent=1, ensure_ascii=escaped)


LINES = st.lists(st.sampled_from(["import os", "", "x = 'é'", "%pip install x", "it is no Python"]), max_size=4)


@given(st.lists(LINES, max_size=4), st.booleans())
def test_a_line_of_code_has_the_number_that_it_has_in_the_file(sources: list[list[str]], escaped: bool) -> None:
    text = written([[f"{line}\n" for line in source] for source in sources], escaped)
    file = text.split("\n")

    code = cells(text).split("\n")

    kept = [(number, line) for number, line in enumerate(code) if line.lstrip("#")]
    assert [line.lstrip("#") for _, line in kept] == [line for source in sources for line in source if line]
    for number, line in kept:
        assert json.loads(file[number].strip().removesuffix(",")) == line.lstrip("#") + "\n"


@pytest.mark.parametrize("source", [["import os\nx = 1\n", "y = 2"], "import os\nx = 1\ny = 2"])
def test_a_cell_that_is_not_written_line_by_line_is_read_all_the_same(source: object) -> None:
    text = json.dumps({"cells": [{"cell_type": "code", "source": source}]}, indent=1)

    assert cells(text) == "import os\nx = 1\ny = 2\n"


def test_a_finding_is_told_at_its_line_of_the_file(tmp_path: Path) -> None:
    text = written([["import os\n"], ["model = 'claude-2.1'"]])
    (tmp_path / "a.ipynb").write_text(text)

    (found,) = scan(tmp_path, list(rules(only=["MODEL103"]))).findings

    assert "claude-2.1" in text.split("\n")[found.line - 1]
    assert found.text == "model = 'claude-2.1'"
