"""An export has the same bytes everywhere, and those that it had: a change of them is meant, or a fault.

What is recorded of exports of a small dataset was read and found right; see `recorded` for how it is recorded anew.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from recorded import check
from recorded_damage import recorded_damage
from recorded_exports import NEAR, RECIPES, recorded_export
from recorded_many import recorded_many
from recorded_refusals import recorded_refusals
from recordings import Sections, nearly_as, recorded_text
from stated_values import stated_values

import cocomine.exporting

RECORDED = Path(__file__).parent / "recorded"
STATED = "stated_values"
EXPORTS: Mapping[str, Callable[[Path], Sections]] = {
    **{name: partial(recorded_export, name) for name in RECIPES},
    "damaged": recorded_damage,
    "many": recorded_many,
    "refusals": recorded_refusals,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the dataset and the exports."""
    return tmp_path_factory.mktemp("recorded")


@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_is_as_it_was_recorded(name: str, folder: Path) -> None:
    path, text = RECORDED / f"{name}.txt", recorded_text(EXPORTS[name](folder))
    check(path, nearly_as(path.read_text(encoding="utf-8"), text, NEAR) if path.exists() else text)


def test_values_that_modules_state() -> None:
    check(RECORDED / f"{STATED}.txt", stated_values(cocomine.exporting))


def test_nothing_is_recorded_that_no_recipe_gives() -> None:
    assert {path.stem for path in RECORDED.iterdir()} == {*EXPORTS, STATED}


def test_numbers_of_a_jpeg_may_be_two_off() -> None:
    recorded = "=== one\n5\n=== sheet\n5 x 6\n"
    assert nearly_as(recorded, "=== one\n6\n=== sheet\n7 x 4\n", ("sheet",)) == "=== one\n6\n=== sheet\n5 x 6\n"
    assert "8 x 6" in nearly_as(recorded, "=== one\n5\n=== sheet\n8 x 6\n", ("sheet",))
