"""Paths that are built from the place of the file that names them, and the import for it."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.mending import mended


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    for name in ("app/prompt.txt", "both.txt", "app/both.txt", "app/.env"):
        (tmp_path / name).write_text("text")
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "a.txt").write_text("text")
    return tmp_path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("open('prompt.txt')", "open(Path(__file__).parent / 'prompt.txt')"),
        ('open("./prompt.txt", encoding="utf-8")', 'open(Path(__file__).parent / "./prompt.txt", encoding="utf-8")'),
        ("open('prompt.txt', 'rb')", "open(Path(__file__).parent / 'prompt.txt', 'rb')"),
        ("open(file='prompt.txt')", "open(file=Path(__file__).parent / 'prompt.txt')"),
        ("open('prompts/a.txt')", "open(Path(__file__).parents[1] / 'prompts/a.txt')"),
        ("Path('prompt.txt').read_text()", "(Path(__file__).parent / 'prompt.txt').read_text()"),
        ("open(Path('prompt.txt'))", "open(Path(__file__).parent / 'prompt.txt')"),
        ("(Path('prompts') / name).read_text()", "(Path(__file__).parents[1] / 'prompts' / name).read_text()"),
        ("os.listdir('prompts')", "os.listdir(Path(__file__).parents[1] / 'prompts')"),
        ("dotenv.load_dotenv('prompt.txt')", "dotenv.load_dotenv(Path(__file__).parent / 'prompt.txt')"),
    ],
)
def test_a_path_is_built_from_its_files_place(files: Path, before: str, after: str) -> None:
    imports = "import os\nfrom pathlib import Path\n\nimport dotenv\n\n\ndef f(name):\n    return "

    assert mended(files, "PATH101", f"{imports}{before}\n") == f"{imports}{after}\n"


@pytest.mark.parametrize(
    "line",
    [
        "open('nowhere.txt')",
        "open('both.txt')",  # the one in the folder, or the one beside the file?
        "open('prompt.txt', 'w')",
        "open('prompt.txt', name)",
        "open('../prompts/a.txt')",
        "open(f'prompts/{name}')",
        "open('prompts' + '/a.txt')",
        "dotenv.load_dotenv('.env')",
        "f'{open(\"prompt.txt\").read()}'",
        "open(PROMPT)",
        "os.walk('prompts')",  # gives paths that begin with the one it was given
        "glob.glob('prompts')",
        "list(Path('prompts').iterdir())",
        "cv2.imread('prompt.txt')",  # takes no Path
    ],
)
def test_a_path_is_left_where_it_is_not_sure_which_file_is_meant(files: Path, line: str) -> None:
    imports = "import glob\nimport os\nfrom pathlib import Path\n\nimport cv2\nimport dotenv\n\n"
    source = f"{imports}PROMPT = 'prompt.txt'\n\n\ndef f(name):\n    return {line}\n"

    assert mended(files, "PATH101", source) == source


def test_a_file_that_git_does_not_have_is_not_the_projects(files: Path) -> None:
    source = "def f():\n    return open('prompt.txt').read()\n"
    subprocess.run(["git", "init", "-q", files], check=True)
    (files / "app" / "agent.py").write_text(source)
    subprocess.run(["git", "-C", files, "add", "app/agent.py"], check=True)
    assert mended(files, "PATH101", source) == source

    subprocess.run(["git", "-C", files, "add", "app/prompt.txt"], check=True)
    assert mended(files, "PATH101", source) != source


CHECKING = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from pathlib import Path\n"


@pytest.mark.parametrize("mark", ["# %%\n", "# Databricks notebook source\n", "# In[1]:\n"])
def test_a_file_that_is_run_cell_by_cell_has_no_place(files: Path, mark: str) -> None:
    source = f"x = 1\n{mark}y = open('prompt.txt')\n"

    assert mended(files, "PATH101", source) == source


@pytest.mark.parametrize(
    ("name", "copies", "is_mended"),
    [
        ("Dockerfile", "COPY . .", True),
        ("Dockerfile", "COPY requirements.txt .\nCOPY app/ app/\nCOPY prompts prompts", True),
        ("Dockerfile", "COPY ./app /srv/app\nCOPY prompts /srv/prompts", True),
        ("Dockerfile", "COPY --from=build app/ .", True),
        ("Dockerfile", "COPY app/ .\nCOPY prompts prompts", False),
        ("Dockerfile", "COPY --chown=1:1 \\\n  app/*.py /srv/", False),
        ("Dockerfile", 'COPY ["app/agent.py", "./"]', False),
        ("app/Dockerfile", "COPY . .", False),
    ],
)
def test_a_file_that_an_image_holds_elsewhere_cannot_find_what_lies_above_it(
    files: Path, name: str, copies: str, is_mended: bool
) -> None:
    (files / name).write_text(f"FROM python:3.13\n{copies}\n")
    above, beside = "x = open('prompts/a.txt')\n", "x = open('prompt.txt')\n"

    assert (mended(files, "PATH101", above) != above) is is_mended
    assert mended(files, "PATH101", beside) != beside


READ = "open({0}(__file__).parent / 'prompt.txt')"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = {}\n", "from pathlib import Path\n\nx = {Path}\n"),
        (
            "#!/usr/bin/env python\n# note\nx = {}\n",
            "#!/usr/bin/env python\n# note\nfrom pathlib import Path\n\nx = {Path}\n",
        ),
        ('"""Doc."""\n\nx = {}\n', '"""Doc."""\n\nfrom pathlib import Path\n\nx = {Path}\n'),
        (
            "from __future__ import annotations\n\nx = {}\n",
            "from __future__ import annotations\n\nfrom pathlib import Path\n\nx = {Path}\n",
        ),
        ("import os\nimport sys\n\nx = {}\n", "import os\nimport sys\nfrom pathlib import Path\n\nx = {Path}\n"),
        ("import os  # why\n\nx = {}\n", "import os  # why\nfrom pathlib import Path\n\nx = {Path}\n"),
        ("import httpx\n\nx = {}\n", "from pathlib import Path\n\nimport httpx\n\nx = {Path}\n"),
        (
            "from os import path\n\nimport httpx\n\nx = {}\n",
            "from os import path\nfrom pathlib import Path\n\nimport httpx\n\nx = {Path}\n",
        ),
        (
            "from os import (\n    path,\n)\nfrom . import a\n\nx = {}\n",
            "from os import (\n    path,\n)\nfrom pathlib import Path\nfrom . import a\n\nx = {Path}\n",
        ),
        ("from pathlib import Path as P\n\nx = {}\n", "from pathlib import Path as P\n\nx = {P}\n"),
        ("import pathlib\n\nx = {}\n", "import pathlib\n\nx = {pathlib.Path}\n"),
        ("from fastapi import Path\n\nx = {}\n", "import pathlib\n\nfrom fastapi import Path\n\nx = {pathlib.Path}\n"),
        (
            f"{CHECKING}\nx = {{}}\n",
            f"import pathlib\n{CHECKING}\nx = {{pathlib.Path}}\n",
        ),
        (
            "@a\ndef f():\n    return {}\n",
            "from pathlib import Path\n\n@a\ndef f():\n    return {Path}\n",
        ),
    ],
)
def test_an_import_stands_among_the_first_ones(files: Path, before: str, after: str) -> None:
    expected = re.sub(r"\{([\w.]+)\}", lambda match: READ.format(match[1]), after)

    result = mended(files, "PATH101", before.replace("{}", "open('prompt.txt')"))

    assert result == expected
    assert ast.parse(result)


@pytest.mark.parametrize(
    "before",
    [
        "from helpers import *\n\nx = {}\n",  # may bring another Path
        "Path = pathlib = None\nx = {}\n",
        "import os; x = {}\n",
        "import pathlib.x as Path\n\n\ndef f(pathlib):\n    return {}\n",
        "x = {}\nfrom pathlib import Path\nimport pathlib\n",
    ],
)
def test_where_a_name_may_mean_something_else_nothing_is_mended(files: Path, before: str) -> None:
    source = before.replace("{}", "open('prompt.txt')")

    assert mended(files, "PATH101", source) == source


def test_of_two_paths_with_one_import_both_are_mended(files: Path) -> None:
    source = "a = open('prompt.txt')\nb = open('prompts/a.txt')\n"

    assert mended(files, "PATH101", source) == (
        "from pathlib import Path\n\na = open(Path(__file__).parent / 'prompt.txt')\n"
        "b = open(Path(__file__).parents[1] / 'prompts/a.txt')\n"
    )


class _Undone(ast.NodeTransformer):
    """A file as it was before its paths were built from its own place."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.ImportFrom | None:
        return None if node.module == "pathlib" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return node.right if "__file__" in ast.unparse(node.left) else node


headers = st.lists(
    st.sampled_from(
        [
            "# é ☃\n",
            "\n",
            "\f\n",
            "import os\n",
            "import os, sys  # why\n",
            "from os import (  # a\n    path,\n)\n",
            "import a; import b\n",
            "import a \\\n    as b\n",
            "import os; x = [\n]\n",
            "x = 1; \\\nimport os\n",
            "from . import a\n",
            "if a:\n    import c\n",
            "@a\n@b\nclass C: pass\n",
        ]
    ),
    max_size=6,
).map("".join)


@given(
    start=st.sampled_from(["", "#!/usr/bin/python\n", '"""é"""\n', '"""\né\n"""  # a\n', '"""a"""; x = 1\n', "\f"]),
    future=st.sampled_from(["", "from __future__ import annotations\n"]),
    header=headers,
    line=st.sampled_from(["x = open({})\n", "def f():\n\té = '☃'; return open({})\n", "x = open(\n  {}  # a\n)"]),
)
def test_any_file_means_the_same_but_for_the_place_of_its_path(
    start: str, future: str, header: str, line: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "prompt.txt").write_text("")
    source = start + ("" if "; x" in start else future) + header + line.format("'prompt.txt'")

    result = mended(folder, "PATH101", source, "a.py")

    assert ast.dump(_Undone().visit(ast.parse(result))) == ast.dump(ast.parse(source))
    kept = iter(result.split("\n"))
    # Each line that is not the edited one is there as it was, in the same order.
    assert all(each in kept for each in source.split("\n") if "'prompt.txt'" not in each)
