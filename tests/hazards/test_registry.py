import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from roadworthy import hazards
from roadworthy.errors import UsageError
from roadworthy.hazards.hazard import Hazard

QUICK = [
    "ENV302", "PATH301", "NET301", "PERM301", "BIN301", "RATE301", "TIME302", "MEM301", "CONC301", "MODEL302",
    "COLD301", "LOG301", "LIFE301", "ALL301",
]  # fmt: skip


@pytest.fixture
def plugged_in(monkeypatch):
    """Lets a test name entry points of the group; the registry is read anew before and after it."""

    def plug_in(*entries: EntryPoint) -> None:
        monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: entries)
        hazards._hazards.cache_clear()

    yield plug_in
    hazards._hazards.cache_clear()


def test_the_quick_set_comes_in_the_order_of_reports():
    assert [scenario.code for scenario in hazards.scenarios(quick=True)] == QUICK


def test_every_hazard_has_its_words_and_an_example():
    for hazard in hazards.all_hazards():
        assert all((hazard.title, hazard.cause, hazard.fix, hazard.before, hazard.after)), hazard.prefix


def test_a_code_is_found_whatever_its_case():
    assert hazards.scenario("env302").code == "ENV302"


def test_a_prefix_selects_all_that_begin_with_it():
    codes = [scenario.code for scenario in hazards.scenarios(only=["mod", "LIFE3"], quick=True)]

    assert codes == ["MODEL302", "LIFE301"]


def test_what_is_skipped_is_left_out_of_what_is_selected():
    codes = [scenario.code for scenario in hazards.scenarios(only=["ENV302", "PATH301"], skip=["path301"])]

    assert codes == ["ENV302"]


@pytest.mark.parametrize(
    "selecting", [lambda: hazards.scenarios(only=["ENV302X"]), lambda: hazards.scenarios(skip=["ENW302"])]
)
def test_a_typo_is_met_with_the_nearest_code(selecting):
    with pytest.raises(UsageError, match="did you mean ENV302"):
        selecting()


def test_an_unknown_code_is_met_with_the_nearest_one():
    with pytest.raises(UsageError, match="no rule, check or scenario 'MODEL3O2'\n  did you mean MODEL302"):
        hazards.probe("MODEL3O2")


def test_when_nothing_is_left_the_options_are_named():
    with pytest.raises(UsageError, match="no scenario is left with --only ENV --skip ENV --quick"):
        hazards.scenarios(only=["ENV"], skip=["ENV"], quick=True)


def test_a_hazard_of_another_package_is_found(plugged_in):
    plugged_in(EntryPoint("gpu", "tests.hazards.plugged_in:hazard", hazards.GROUP))

    prefixes = [hazard.prefix for hazard in hazards.all_hazards()]
    classic, further = prefixes[: len(hazards.CLASSIC)], prefixes[len(hazards.CLASSIC) : -1]

    assert (tuple(classic), prefixes[-1]) == (hazards.CLASSIC, "ALL")
    assert "GPU" in further
    assert further == sorted(further)


def test_a_module_with_a_hazard_is_as_good_as_the_hazard(plugged_in):
    plugged_in(EntryPoint("gpu", "tests.hazards.plugged_in", hazards.GROUP))

    assert hazards.hazard_of("GPU301").title == "No graphics processor"


def test_a_package_that_cannot_be_loaded_is_named(plugged_in):
    plugged_in(EntryPoint("gpu", "tests.hazards.no_such_module:hazard", hazards.GROUP))

    with pytest.raises(UsageError, match="the hazard 'gpu' of a package cannot be loaded: ModuleNotFoundError"):
        hazards.all_hazards()


def test_an_entry_point_that_leads_to_something_else_is_named(plugged_in):
    plugged_in(EntryPoint("gpu", "json:dumps", hazards.GROUP))

    with pytest.raises(UsageError, match="'gpu' of a package leads to no hazard\n  json:dumps must be"):
        hazards.all_hazards()


def test_two_hazards_with_one_prefix_are_named(plugged_in):
    plugged_in(EntryPoint("env", "tests.hazards.plugged_in:second_environment", hazards.GROUP))

    with pytest.raises(UsageError, match="two hazards have the prefix ENV"):
        hazards.all_hazards()


def test_a_code_has_to_fit_its_hazard_and_its_moment():
    hazard = Hazard("GPU", "No graphics processor", cause="…", fix="…")

    with pytest.raises(ValueError, match="a scenario of GPU is GPU3nn"):
        hazard.scenario("GPU101", "…")(lambda seen, baseline: None)


def test_the_registry_loads_nothing_heavy():
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys; from roadworthy import hazards; hazards.scenarios(); print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

    assert not {"rich", "msgspec", "click", "yaml", "asyncio", "ssl", "jsonpath_rfc9535"} & set(loaded)
