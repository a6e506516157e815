"""Complete exports are listed and named; whatever is damaged says so when it is opened by name."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from datasets import MakeDataset, export_of, recipe_of
from exports import export_problems

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError, RecipeError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import LONGEST_NAME, export_name, list_exports, read_entry, read_export
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.selection import Mode, Selection


def test_a_name_says_the_classes_and_the_mode(four_images: Dataset) -> None:
    name = export_name(recipe_of(four_images, Selection(classes=("cat", "cup"), mode=Mode.ALL)))
    assert re.fullmatch(r"cat-cup-all-[0-9a-f]{6}", name)


def test_the_same_recipe_has_the_same_name(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images)) == export_name(recipe_of(four_images))


def test_another_recipe_of_the_same_classes_has_another_name(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images, division=Division(seed=1))) != export_name(
        recipe_of(four_images, division=Division(seed=2))
    )


@pytest.mark.parametrize("name", ["../../x", "tea cup/saucer", "C:\\cup", "a" * 300, "Tasse à café"])
def test_a_name_is_a_plain_folder_name_whatever_the_class(four_images: Dataset, name: str) -> None:
    found = export_name(recipe_of(four_images, Selection(classes=(name,))))
    assert re.fullmatch(r"[a-z0-9-]+", found)
    assert len(found) < LONGEST_NAME + 20


def test_classes_without_a_latin_letter_give_a_name_all_the_same(four_images: Dataset) -> None:
    assert export_name(recipe_of(four_images, Selection(classes=("猫",)))).startswith("export-any-")


def test_an_entry_holds_the_recipe_and_counts_the_images_of_all_splits(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export", division=Division(val_share=0.4))
    entry = read_entry(tmp_path / "export")
    assert entry.recipe == recipe_of(four_images, division=Division(val_share=0.4))
    assert entry.image_count == 3


def test_exports_are_listed_newest_first(four_images: Dataset, tmp_path: Path) -> None:
    for age_s, name in enumerate(("new", "older", "oldest")):
        export_of(four_images, tmp_path / name)
        os.utime(tmp_path / name / "manifest.json", (1e9 - age_s, 1e9 - age_s))
    assert [entry.folder.name for entry in list_exports(tmp_path)[0]] == ["new", "older", "oldest"]


def test_a_place_that_is_not_there_holds_no_export(tmp_path: Path) -> None:
    assert list_exports(tmp_path / "nowhere")[0] == []


def test_an_interrupted_export_is_not_listed(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    (tmp_path / "export" / "manifest.json").unlink()
    assert list_exports(tmp_path)[0] == []


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
    assert [entry.folder.name for entry in list_exports(tmp_path / "exports")[0]] == ["sound"]


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
    with pytest.raises(RecipeError, match="This is no CocoMine recipe of version 1 or 2"):
        read_entry(tmp_path)


def test_a_folder_that_is_no_export_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"no complete export \(its manifest.json is missing\)"):
        read_entry(tmp_path)


DAMAGED_MANIFESTS = [
    b"",
    b"[]",
    b'{"cocomine_export": 2, "splits": [], "files": []}',
    b'{"cocomine_export": 1}',
    b'{"cocomine_export": 1, "splits": {}, "files": []}',
    b'{"cocomine_export": 1, "splits": [{"split": "train"}], "files": []}',
    b'{"cocomine_export": 1, "splits": [{"split": 7, "image_count": 1, "annotation_count": 1}], "files": []}',
    b'{"cocomine_export": 1, "splits": [], "files": [{"size": 1}]}',
    b'{"cocomine_export": 1, "splits": [], "files": ["a"]}',
    b'{"cocomine_export": 1, "files": [], "splits": [{"split": "a", "image_count": 1, "annotation_count": 1, '
    b'"outlinings": {"crowd": null}}]}',
    b"[" * 100_000,
]
RECIPES = [b"seed: 2024-13-45", b"a: " + b"[" * 5_000, b"cocomine_recipe: 3", b"\xff"]


def replaced_by_a_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.fixture
def beside(four_images: Dataset, tmp_path: Path) -> Path:
    """An export that is damaged by a test, beside a sound one."""
    for name in ("sound", "other"):
        export_of(four_images, tmp_path / name)
    return tmp_path / "other"


def told(beside: Path) -> str:
    """What the list says of the damaged export, while the sound one stays in it."""
    assert [entry.folder.name for entry in list_exports(beside.parent)[0]] == ["sound"]
    (damaged,) = list_exports(beside.parent)[1]
    assert damaged.folder == beside
    return damaged.message


@pytest.mark.parametrize("content", DAMAGED_MANIFESTS)
def test_a_damaged_manifest_is_a_sentence_about_its_export(beside: Path, content: bytes) -> None:
    (beside / "manifest.json").write_bytes(content)
    assert told(beside).startswith(f"{beside / 'manifest.json'}: ")
    with pytest.raises(ExportError):
        export_problems(beside)
    with pytest.raises(ExportError):
        read_export(beside)


@pytest.mark.parametrize("content", RECIPES)
def test_a_damaged_recipe_is_a_sentence_about_its_export(beside: Path, content: bytes) -> None:
    (beside / "recipe.yaml").write_bytes(content)
    assert "ecipe" in told(beside)


@pytest.mark.parametrize(
    "value", ["seed: .inf", "val_share: []", "excluded: [7]", "sources: 3", "roles: [a]", "formats: {}"]
)
def test_a_recipe_with_a_value_of_another_kind_is_a_sentence_about_its_export(beside: Path, value: str) -> None:
    key = value.partition(":")[0]
    kept = yaml.safe_load((beside / "recipe.yaml").read_text(encoding="utf-8"))
    kept.pop(key, None)
    (beside / "recipe.yaml").write_text(f"{yaml.safe_dump(kept)}{value}\n")
    assert "The recipe is damaged" in told(beside)


@pytest.mark.parametrize("file", ["manifest.json", "recipe.yaml"])
@pytest.mark.parametrize("damage", [replaced_by_a_loop, replaced_by_a_folder])
def test_a_file_that_is_none_is_a_sentence_about_its_export(
    beside: Path, file: str, damage: Callable[[Path], None]
) -> None:
    damage(beside / file)
    assert told(beside).startswith(f"{beside / file}: cannot be read (")


def test_what_is_no_export_is_no_hindrance(beside: Path) -> None:
    (beside.parent / "a file").write_bytes(b"")
    (beside.parent / "loop").symlink_to(beside.parent / "loop")
    (beside.parent / "dangling").symlink_to(beside.parent / "nowhere")
    (beside.parent / "empty").mkdir()
    (beside.parent / ".cat.cocomine-part" / "new").mkdir(parents=True)
    assert {entry.folder.name for entry in list_exports(beside.parent)[0]} == {"sound", "other"}
    assert list_exports(beside.parent)[1] == []


@pytest.mark.parametrize("content", [b"[]", b'{"size_px": 1e999}', b'{"size_px": 32, "labels": [3]}', b"\xff"])
def test_damaged_labels_are_a_sentence_about_their_export(beside: Path, content: bytes) -> None:
    (beside / "labels.json").write_bytes(content)
    with pytest.raises(ExportError, match=r"labels\.json: damaged"):
        read_export(beside)


def test_a_manifest_of_an_earlier_version_is_read_under_the_present_keys(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    path = tmp_path / "export" / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("image_file_count", "picture_count").replace('"image_files"', '"pictures"'))
    assert "missing_picture_count" in path.read_text(encoding="utf-8")
    assert read_manifest(tmp_path / "export") == json.loads(text)


def test_a_manifest_that_cannot_be_read_says_why_in_the_words_of_the_system(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").mkdir()
    with pytest.raises(ExportError, match=r"manifest\.json: cannot be read \(Is a directory\)\. Export again\."):
        read_manifest(tmp_path)
