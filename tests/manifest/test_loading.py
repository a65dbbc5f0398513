"""Finding a manifest and reading all of it."""

import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeAlias

import pytest

from roadworthy.errors import UsageError
from roadworthy.manifest.loading import load, read
from roadworthy.manifest.mistakes import ManifestError
from roadworthy.manifest.model import Agent, Manifest, Service, Stream, Variable
from roadworthy.manifest.waivers import Waiver

Loaded: TypeAlias = Callable[..., Manifest]
Mistakes: TypeAlias = Callable[..., list[str]]
SMALLEST = "agent: {entry: app.py:agent}\n"


def written(folder: Path, text: str, name: str = "roadworthy.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_smallest_manifest_has_a_default_for_everything_else(tmp_path: Path, loaded: Loaded) -> None:
    manifest = loaded(SMALLEST)

    assert manifest == Manifest(
        root=tmp_path.resolve(),
        source=tmp_path.resolve() / "roadworthy.yaml",
        agents={"agent": Agent(entry="app.py:agent")},
    )


def test_the_same_manifest_can_stand_in_pyproject(tmp_path: Path) -> None:
    written(tmp_path, '[project]\nname = "x"\n[tool.roadworthy]\nagent.entry = "app.py:agent"\n', "pyproject.toml")

    assert load(tmp_path).agent == Agent(entry="app.py:agent")


def test_the_example_in_the_docs_is_read_key_by_key(loaded: Loaded) -> None:
    page = (Path(__file__).parents[2] / "docs" / "manifest.md").read_text(encoding="utf-8")
    example = page.split("## A full one")[1].split("```yaml\n")[1].split("```")[0]

    manifest = loaded(example)

    assert manifest.agent.name == "support-agent"
    assert manifest.agent.request.json == {"query": "{{input}}"}
    assert manifest.agent.stream == Stream()
    assert manifest.env is not None
    assert manifest.env["OPENAI_API_KEY"] == Variable(secret=True, pattern="sk-.+")
    assert manifest.env["FEATURE_X"].rehearse == "on"
    assert manifest.services["cache"] == Service(host="${REDIS_HOST}", port=6379)
    assert manifest.services["customers"].start == ("python", "customers.py", "9100")
    assert manifest.resources.memory == 512 * 1024**2
    assert manifest.budgets.first_answer == 2.0
    assert manifest.timeouts.tools == {"search": 10.0}
    assert manifest.rate_limits == {"model": pytest.approx(500 / 60), "client": 1.0}
    assert manifest.simulate.tools == {"search": {"query": "refund"}}
    assert manifest.laptop.ports == (5432,)
    assert manifest.accept == {"LIFE302": Waiver("answers are idempotent", date(2027, 1, 31))}
    assert manifest.scan.per_file_ignores == {"scripts/": ("ENV", "PATH101")}
    assert manifest.scan.baseline == "roadworthy-baseline.json"


def test_every_example_in_the_docs_is_right(loaded: Loaded) -> None:
    page = (Path(__file__).parents[2] / "docs" / "manifest.md").read_text(encoding="utf-8")
    blocks = [(kind, block.split("```")[0]) for kind in ("yaml", "toml") for block in page.split(f"```{kind}\n")[1:]]

    manifests = [loaded(text, "pyproject.toml" if kind == "toml" else "roadworthy.yaml") for kind, text in blocks]

    assert len(manifests) == 5


def test_yaml_comes_before_yml_and_yml_before_pyproject(tmp_path: Path) -> None:
    written(tmp_path, '[tool.roadworthy]\nname = "third"\nagent.entry = "a.py:a"\n', "pyproject.toml")
    assert load(tmp_path).name == "third"
    written(tmp_path, "name: second\n" + SMALLEST, "roadworthy.yml")
    assert load(tmp_path).name == "second"
    written(tmp_path, "name: first\n" + SMALLEST)
    assert load(tmp_path).name == "first"


def test_without_a_path_it_is_the_current_folder_and_mistakes_show_the_plain_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, SMALLEST + "nmae: x\n")
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ManifestError) as caught:
        load()

    assert str(caught.value) == ('roadworthy.yaml:2:1: unknown key "nmae" in the manifest\n  did you mean "name"?')


def test_no_manifest_shows_the_smallest_one_and_where_it_was_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "below").mkdir()
    written(tmp_path, SMALLEST)
    monkeypatch.chdir(tmp_path / "below")

    with pytest.raises(UsageError) as caught:
        load()

    assert str(caught.value) == (
        "no manifest in this folder\n"
        "  looked for roadworthy.yaml, roadworthy.yml and [tool.roadworthy] in pyproject.toml, "
        f"in {tmp_path}/below\n"
        "  the smallest one is a roadworthy.yaml with this line, for the name `agent` in app.py:\n"
        "    agent: {entry: app.py:agent}"
    )


@pytest.mark.parametrize("project", ['[project]\nname = "x"\n', "tool = 3\n", "[tool]\nruff = {}\n"])
def test_a_pyproject_without_our_table_is_no_manifest(tmp_path: Path, project: str) -> None:
    path = written(tmp_path, project, "pyproject.toml")

    with pytest.raises(UsageError, match=r"no \[tool.roadworthy\] in it\n  the smallest manifest is"):
        load(path)


def test_a_broken_pyproject_is_explained(tmp_path: Path) -> None:
    written(tmp_path, "[project\n", "pyproject.toml")

    with pytest.raises(ManifestError, match=r"pyproject.toml:1:9: not valid TOML: Expected ']'"):
        load(tmp_path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"other\.yaml: no such file\n  the smallest manifest is"):
        load(tmp_path / "other.yaml")


def test_a_huge_file_is_no_manifest(loaded: Loaded) -> None:
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        loaded("#" * (1024 * 1024 + 1))


def test_text_that_is_not_utf8_has_a_place(tmp_path: Path) -> None:
    path = tmp_path / "roadworthy.yaml"
    path.write_bytes(b"name: x\nagent: \xff\n")

    with pytest.raises(ManifestError, match=r"roadworthy.yaml:2:8: not UTF-8 text"):
        load(path)


def test_a_byte_order_mark_is_no_part_of_the_first_key(loaded: Loaded) -> None:
    assert loaded("\ufeff" + SMALLEST).agent.entry == "app.py:agent"


def test_an_empty_manifest_shows_what_to_write(mistakes: Mistakes) -> None:
    assert mistakes("# later\n") == [
        "roadworthy.yaml:1:1: the manifest is empty\n  write at least:\n  agent: {entry: app.py:agent}"
    ]


def test_a_list_is_no_manifest(mistakes: Mistakes) -> None:
    assert mistakes("- a\n") == [
        "roadworthy.yaml:1:1: the manifest should be a mapping, not a list\n  agent: {entry: app.py:agent}"
    ]


def test_an_agent_alone_is_named_like_the_manifest(loaded: Loaded) -> None:
    manifest = loaded("name: support\n" + SMALLEST)

    assert list(manifest.agents) == ["support"]
    assert manifest.agent.name == "support"


TWO = "agents:\n  first: {entry: app.py:one}\n  second: {command: python main.py --fast}\n"


def test_several_agents_keep_their_order_and_names(loaded: Loaded) -> None:
    manifest = loaded(TWO)

    assert [agent.name for agent in manifest.agents.values()] == ["first", "second"]
    assert manifest.agent.name == "first"


def test_one_of_several_agents_is_chosen_by_name(tmp_path: Path) -> None:
    manifest = load(written(tmp_path, TWO), agent="second")

    assert manifest.agent.command == ("python", "main.py", "--fast")
    assert list(manifest.agents) == ["second"]


def test_an_agent_that_is_not_there_shows_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no agent is called 'secnd'\n  did you mean \"second\""):
        load(written(tmp_path, TWO), agent="secnd")
    with pytest.raises(UsageError, match="it has: first, second"):
        load(written(tmp_path, TWO), agent="zzz")


def test_empty_sections_count_as_there_with_nothing_in_them(loaded: Loaded) -> None:
    manifest = loaded(SMALLEST + "env:\nservices:\nfiles:\nmodels:\n")

    assert manifest.env == {}
    assert (manifest.services, manifest.models) == ({}, ())


def test_without_an_env_section_nothing_is_known_of_variables(loaded: Loaded) -> None:
    assert loaded(SMALLEST).env is None


def test_a_variable_needs_no_more_than_its_name(loaded: Loaded) -> None:
    assert loaded(SMALLEST + "env:\n  API_KEY:\n").env == {"API_KEY": Variable()}


def test_anchors_aliases_and_merge_keys_work(loaded: Loaded) -> None:
    manifest = loaded(
        SMALLEST
        + "env:\n"
        + "  A: &secret {secret: true, pattern: a+}\n"
        + "  B: *secret\n"
        + "  C: {<<: *secret, pattern: c+}\n",
    )

    assert manifest.env == {
        "A": Variable(secret=True, pattern="a+"),
        "B": Variable(secret=True, pattern="a+"),
        "C": Variable(secret=True, pattern="c+"),
    }


def test_variables_may_be_called_no_and_on(loaded: Loaded) -> None:
    assert list(loaded(SMALLEST + "env: {NO: {}, on: {}}\n").env or {}) == ["NO", "on"]


def test_loading_imports_neither_msgspec_nor_the_jsonpath_compiler() -> None:
    program = (
        "import sys, roadworthy.manifest.loading; "
        "print({'msgspec', 'jsonpath_rfc9535', 'dotenv', 'click', 'rich', 'tomllib'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "set()"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("roadworthy.yaml", "scan: {select: [ENV]}\n"),
        ("pyproject.toml", '[tool.roadworthy.scan]\nselect = ["ENV"]\n'),
    ],
)
def test_a_scan_needs_no_agent_and_all_else_does(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)

    manifest, _ = read(tmp_path, agent_needed=False)

    assert manifest.scan.select == ("ENV",)
    with pytest.raises(UsageError, match="no agent in the manifest"):
        load(tmp_path)


def test_a_manifest_without_scan_and_agent_is_none_for_a_scan_either(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text("name: a\n")

    with pytest.raises(UsageError, match="no agent in the manifest"):
        read(tmp_path, agent_needed=False)
