"""An export has the same bytes everywhere, and those that it had: a change of them is meant, or a fault.

`tests/record.py` writes down anew what exports of a fixed dataset hold. What is recorded was read and found right.
"""

from pathlib import Path

import pytest
from recorded_exports import NEAR, RECIPES, recorded_export
from recordings import difference

RECORDED = Path(__file__).parent / "recorded"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the dataset and the exports."""
    return tmp_path_factory.mktemp("recorded")


@pytest.mark.parametrize("name", RECIPES)
def test_an_export_is_as_it_was_recorded(name: str, folder: Path) -> None:
    differs = difference(RECORDED / f"{name}.txt", recorded_export(name, folder), near=NEAR)
    assert not differs, differs


def test_nothing_is_recorded_that_no_recipe_gives() -> None:
    assert {path.stem for path in RECORDED.iterdir()} == {*RECIPES}
