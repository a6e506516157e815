"""Complete exports are listed and named; whatever is damaged says so when it is opened by name."""

import os
import re
from pathlib import Path

import pytest
from conftest import MakeDataset, export_of, recipe_of

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError, RecipeError
from cocomine.exporting.listing import LONGEST_NAME, export_name, exports_in, read_entry
from cocomine.mining.selection import Mode, Selection


def test_a_name_says_the_classes_and_the_mode(four_images: Dataset) -> None:
    name = export_name(recipe_of(four_images, Selection(classes=("cat", "cup"), mode=Mode.ALL)))
    assert re.fullmatch(r"cat-cup-all-[0-9a-f]{6}", name)


def test_the_same_recipe_has_the_same_name(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images)) == export_name(recipe_of(four_images))


def test_another_recipe_of_the_same_classes_has_another_name(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images, seed=1)) != export_name(recipe_of(four_images, seed=2))


@pytest.mark.parametrize("name", ["../../x", "tea cup/saucer", "C:\\cup", "a" * 300, "Tasse à café"])
def test_a_name_is_a_plain_folder_name_whatever_the_class(four_images: Dataset, name: str) -> None:
    found = export_name(recipe_of(four_images, Selection(classes=(name,))))
    assert re.fullmatch(r"[a-z0-9-]+", found)
    assert len(found) < LONGEST_NAME + 20


def test_classes_without_a_latin_letter_give_a_name_all_the_same(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images, Selection(classes=("猫",)))).startswith("export-any-")


def test_an_entry_holds_the_recipe_and_counts_the_images_of_all_splits(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export", val_share=0.4)
    entry = read_entry(tmp_path / "export")
    assert entry.recipe == recipe_of(four_images, val_share=0.4)
    assert entry.image_count == 3


def test_exports_are_listed_newest_first(four_images: Dataset, tmp_path: Path) -> None:
    for age_s, name in enumerate(("new", "older", "oldest")):
        export_of(four_images, tmp_path / name)
        os.utime(tmp_path / name / "manifest.json", (1e9 - age_s, 1e9 - age_s))
    assert [entry.folder.name for entry in exports_in(tmp_path)] == ["new", "older", "oldest"]


def test_a_place_that_is_not_there_holds_no_export(tmp_path: Path) -> None:
    assert exports_in(tmp_path / "nowhere") == []


def test_an_interrupted_export_is_not_listed(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    (tmp_path / "export" / "manifest.json").unlink()
    assert exports_in(tmp_path) == []


@pytest.mark.parametrize(
    ("file", "content"),
    [("recipe.yaml", b"{"), ("recipe.yaml", b"caf\xe9"), ("recipe.yaml", None), ("manifest.json", b"{}")],
)
def test_a_damaged_export_is_not_listed_and_the_others_are(
    make_dataset: MakeDataset, tmp_path: Path, file: str, content: bytes | None
) -> None:
    dataset = make_dataset()
    for name in ("sound", "damaged"):
        export_of(dataset, tmp_path / "exports" / name)
    (tmp_path / "exports" / "damaged" / file).unlink()
    if content is not None:
        (tmp_path / "exports" / "damaged" / file).write_bytes(content)
    assert [entry.folder.name for entry in exports_in(tmp_path / "exports")] == ["sound"]


def test_a_recipe_that_is_not_utf_8_is_told_with_its_path(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path)
    (tmp_path / "recipe.yaml").write_bytes(b"caf\xe9")
    with pytest.raises(ExportError, match=r"recipe\.yaml: cannot be read \(not UTF-8 text\)\. Export again"):
        read_entry(tmp_path)


def test_a_missing_recipe_is_told_with_its_path(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path)
    (tmp_path / "recipe.yaml").unlink()
    with pytest.raises(ExportError, match=r"recipe\.yaml: cannot be read \(No such file or directory\)\. Export again"):
        read_entry(tmp_path)


def test_a_damaged_recipe_is_told(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path)
    (tmp_path / "recipe.yaml").write_text("classes: [cat]")
    with pytest.raises(RecipeError, match="This is no CocoMine recipe of version 1"):
        read_entry(tmp_path)


def test_a_folder_that_is_no_export_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no complete export \(its manifest.json is missing\)"):
        read_entry(tmp_path)
