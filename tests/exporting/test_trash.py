"""A deleted export comes back whole until the trash is emptied; nothing of a person's or behind a link goes with it."""

import os
import shutil
from pathlib import Path

import pytest
from datasets import export_of, files_in

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.trash import (
    contents_of,
    empty_trash,
    move_to_trash,
    restore,
    trash_contents,
    trashed_exports,
)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    return tmp_path / "exports"


@pytest.fixture
def trash(tmp_path: Path) -> Path:
    return tmp_path / "trash"


@pytest.fixture
def export(four_images: Dataset, exports: Path) -> Path:
    export_of(four_images, exports / "cats")
    return exports / "cats"


def test_what_an_export_holds_is_counted_file_by_file(export: Path) -> None:
    held, manifest = contents_of(export), read_manifest(export)
    size = sum(each["size"] for each in manifest["files"]) + (export / "manifest.json").stat().st_size
    assert (held.file_count, held.size_bytes, held.foreign) == (len(manifest["files"]) + 1, size, ())
    assert held.freed_bytes == size


def test_a_hard_link_to_a_file_elsewhere_frees_nothing(export: Path, tmp_path: Path) -> None:
    image = next(export.glob("images/*/*.jpg"))
    before = contents_of(export)
    os.link(image, tmp_path / "the dataset's own.jpg")
    held = contents_of(export)
    assert (held.size_bytes, held.freed_bytes) == (before.size_bytes, before.freed_bytes - image.stat().st_size)


def test_a_file_with_two_names_in_the_export_is_freed_once(export: Path) -> None:
    before, image = contents_of(export), next(export.glob("images/*/*.jpg"))
    os.link(image, image.with_suffix(".cache"))
    assert contents_of(export).freed_bytes == before.freed_bytes


def test_a_deleted_export_comes_back_as_it_was(export: Path, exports: Path, trash: Path) -> None:
    before = files_in(export)
    moved = move_to_trash(export, trash)
    assert (moved.parent, export.exists(), trashed_exports(trash)) == (trash, False, [moved])
    assert files_in(restore(moved, exports)) == before
    assert (files_in(export), trashed_exports(trash)) == (before, [])


def test_two_of_one_name_are_both_in_the_trash_and_one_comes_back(
    export: Path, exports: Path, trash: Path, tmp_path: Path
) -> None:
    shutil.copytree(export, tmp_path / "copy")
    first = move_to_trash(export, trash)
    (tmp_path / "copy").rename(export)
    second = move_to_trash(export, trash)
    assert {first.name, second.name} == {"cats", "cats~2"}
    assert restore(second, exports) == export
    with pytest.raises(ExportError, match=r"cats: another export has this name now"):
        restore(first, exports)
    assert trashed_exports(trash) == [first]


@pytest.mark.parametrize("name", ["notes.txt", "images/train/drawing.xcf", "deep/inside/a.jpg"])
def test_a_folder_with_files_of_a_person_stays(export: Path, trash: Path, name: str) -> None:
    (export / name).parent.mkdir(parents=True, exist_ok=True)
    (export / name).write_text("mine")
    with pytest.raises(ExportError, match=rf"also holds 1 file that the export did not write \({name}\)"):
        move_to_trash(export, trash)
    assert (export / name).read_text() == "mine"


@pytest.mark.parametrize("name", [".DS_Store", "images/Thumbs.db", "labels/train.cache"])
def test_what_programs_leave_behind_is_nobodys(export: Path, trash: Path, name: str) -> None:
    (export / name).write_text("left")
    assert move_to_trash(export, trash).is_dir()


def test_an_image_that_became_a_link_is_a_persons(export: Path, trash: Path, tmp_path: Path) -> None:
    image = next(export.glob("images/*/*.jpg"))
    image.rename(tmp_path / "kept.jpg")
    image.symlink_to(tmp_path / "kept.jpg")
    with pytest.raises(ExportError, match=image.name):
        move_to_trash(export, trash)


def test_a_link_to_an_export_is_not_deleted_nor_what_it_leads_to(export: Path, exports: Path, trash: Path) -> None:
    (exports / "link").symlink_to(export)
    with pytest.raises(ExportError, match="this is a link"):
        move_to_trash(exports / "link", trash)
    assert read_manifest(export)


def test_what_is_no_export_is_not_deleted(exports: Path, trash: Path) -> None:
    (exports / "thesis").mkdir(parents=True)
    with pytest.raises(ExportError, match="no complete export"):
        move_to_trash(exports / "thesis", trash)


def test_emptying_deletes_exports_and_nothing_else(export: Path, trash: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    shutil.copytree(export, outside)
    before = files_in(outside)
    move_to_trash(export, trash)
    (trash / "link").symlink_to(outside)
    (trash / "letters").mkdir()
    (trash / "letters" / "a.txt").write_text("mine")
    (trash / "cats" / "labels" / "left.cache").symlink_to(outside / "manifest.json")
    assert trash_contents(trash).file_count == len(before) + 1
    assert empty_trash(trash) == []
    assert sorted(each.name for each in trash.iterdir()) == ["letters", "link"]
    assert files_in(outside) == before


def test_what_a_person_put_into_the_trash_is_kept(export: Path, trash: Path) -> None:
    moved = move_to_trash(export, trash)
    (moved / "notes.txt").write_text("mine")
    (sentence,) = empty_trash(trash)
    assert "notes.txt" in sentence
    assert (moved / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("count", "named"), [(3, r"\(0\.txt, 1\.txt, 2\.txt\)"), (4, r"\(0\.txt, 1\.txt, 2\.txt, …\)")]
)
def test_at_most_three_files_of_a_person_are_named(export: Path, trash: Path, count: int, named: str) -> None:
    for number in range(count):
        (export / f"{number}.txt").write_text("mine")
    with pytest.raises(ExportError, match=named):
        move_to_trash(export, trash)


def test_an_export_whose_recipe_cannot_be_read_holds_no_links(export: Path, trash: Path, tmp_path: Path) -> None:
    image = next(export.glob("images/*/*.jpg"))
    image.rename(tmp_path / "mine.jpg")
    image.symlink_to(tmp_path / "mine.jpg")
    (export / "recipe.yaml").write_text("damaged: [")
    with pytest.raises(ExportError, match=image.name):
        move_to_trash(export, trash)


def test_an_export_is_restored_also_where_the_folder_of_exports_is_gone(
    export: Path, exports: Path, trash: Path, tmp_path: Path
) -> None:
    moved = move_to_trash(export, trash)
    exports.rmdir()
    deep = tmp_path / "new" / "exports"
    assert restore(moved, deep) == deep / "cats"
    assert read_manifest(deep / "cats")


def test_emptying_goes_on_after_an_export_that_stays(export: Path, exports: Path, trash: Path) -> None:
    for name in ("one", "two"):
        shutil.copytree(export, exports / name)
        move_to_trash(exports / name, trash)
    kept, _ = trashed_exports(trash)
    (kept / "notes.txt").write_text("mine")
    assert [sentence.partition(" also holds")[0] for sentence in empty_trash(trash)] == [str(kept)]
    assert trashed_exports(trash) == [kept]
