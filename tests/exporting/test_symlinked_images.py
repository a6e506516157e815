"""Images as symbolic links, on request: right as long as the dataset stays, and never a way to another file."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
from datasets import export_of, files_in, recipe_of
from records import document, write_split

from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.images_on_disk import image_count
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import ExportError
from cocomine.exporting.formats.readme import SYMLINK_PRICE
from cocomine.exporting.image_writing import place_images
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import read_export, read_recipe
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.trash import contents_of, empty_trash, move_to_trash
from cocomine.exporting.writing import needed_space, write_export
from cocomine.exporting.zipping import plan_zip, write_zip, zip_blocks
from cocomine.mining.selection.recipe import FORMATS, SYMLINK
from cocomine.training.data import prepare_arrays


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for split in ("train2017", "val2017"):
        write_split(tmp_path / "coco", document(), split=split)
    return tmp_path / "coco"


@pytest.fixture
def export(source: Path, tmp_path: Path) -> Path:
    export_of(open_dataset(source), tmp_path / "export", formats=FORMATS, images=SYMLINK)
    return tmp_path / "export"


def links_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_symlink()]


def test_images_are_links_to_the_files_in_every_layout_and_all_else_is_as_with_copies(
    source: Path, tmp_path: Path
) -> None:
    dataset = open_dataset(source)
    manifest = export_of(dataset, tmp_path / "export", formats=FORMATS, images=SYMLINK)
    copied = export_of(dataset, tmp_path / "copies", formats=FORMATS)
    links = links_in(tmp_path / "export")
    assert {path.relative_to(tmp_path / "export").parts[0] for path in links} == {
        *("images", "roboflow", "yolo-detect", "voc", "hf")
    }
    assert {path.readlink() for path in links} == {*source.glob("*2017/[abc].jpg")}
    assert (manifest["is_complete"], manifest["image_files"]["symlinked"]) == (True, 6)
    differing = {"recipe.yaml", "README.md"}
    assert [each for each in manifest["files"] if each["path"] not in differing] == [
        each for each in copied["files"] if each["path"] not in differing
    ]


def test_its_price_is_said(export: Path) -> None:
    assert SYMLINK_PRICE in (export / "manifest.json").read_text(encoding="utf-8")
    assert "symbolic links" in (export / "README.md").read_text(encoding="utf-8")


def test_the_images_take_no_room(source: Path, tmp_path: Path) -> None:
    plans = [
        plan_export(dataset := open_dataset(source), recipe_of(dataset, formats=FORMATS, images=images))
        for images in (SYMLINK, "none")
    ]
    found = sum(path.stat().st_size for path in source.glob("*2017/[abc].jpg"))
    need, without = (needed_space(plan, tmp_path / "export", np.array([found])) for plan in plans)
    assert need == without


def test_a_replay_gives_the_same_files(export: Path, source: Path, tmp_path: Path) -> None:
    recipe = read_recipe(export)
    write_export(plan_export(dataset_of_recipe(recipe, path=source), recipe), tmp_path / "again")
    assert files_in(tmp_path / "again") == files_in(export)


def test_a_zip_holds_the_images_themselves_even_after_the_dataset_is_gone(
    export: Path, source: Path, tmp_path: Path
) -> None:
    expected = files_in(export)
    path = write_zip(plan_zip(export), tmp_path)
    source.rename(tmp_path / "elsewhere")
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        opened.extractall(tmp_path / "unpacked")
    unpacked = tmp_path / "unpacked" / path.stem
    assert files_in(unpacked) == expected
    assert links_in(unpacked) == []


def test_a_link_that_leads_to_other_bytes_is_not_zipped(export: Path, tmp_path: Path) -> None:
    image = next(export.glob("images/*/a.jpg"))
    secret = tmp_path / "secret"
    secret.write_bytes(b"x" * image.stat().st_size)
    image.unlink()
    image.symlink_to(secret)
    with pytest.raises(ExportError, match="is not as it was exported"):
        b"".join(zip_blocks(plan_zip(export)))


def test_a_link_that_leads_nowhere_is_not_zipped(export: Path, source: Path) -> None:
    source.rename(source.with_name("elsewhere"))
    with pytest.raises(ExportError, match="leads to no file any more"):
        plan_zip(export)


def test_training_reads_the_images_through_the_links(export: Path, tmp_path: Path) -> None:
    opened = read_export(export)
    images = opened.train_split.images
    arrays = prepare_arrays(opened, images, folder=tmp_path / "arrays", split_name="train", progress=lambda *_: None)
    assert (len(arrays.images), arrays.unreadable) == (3, ())


def test_as_a_dataset_it_shows_its_images_where_the_person_allows_links_to_them(export: Path, source: Path) -> None:
    closed = open_dataset(export)
    allowed = open_dataset(export, image_folders=ImageFolders(linked=(source,)))
    assert [image_count(split).there for split in closed.splits] == [0, 0]
    assert {folder for split in closed.splits for folder in image_count(split).links_to} == {*source.glob("*2017")}
    assert [image_count(split).there for split in allowed.splits] == [3, 3]


def test_a_link_among_the_source_s_images_is_followed_to_its_end(source: Path, tmp_path: Path) -> None:
    image = source / "train2017" / "a.jpg"
    image.rename(image.with_name("real.jpg"))
    image.symlink_to("real.jpg")
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK)
    assert manifest["is_complete"]
    assert (tmp_path / "export/images/train2017/a.jpg").readlink() == image.with_name("real.jpg")


def test_a_link_out_of_the_dataset_is_not_followed(source: Path, tmp_path: Path) -> None:
    image = source / "train2017" / "a.jpg"
    image.rename(tmp_path / "secret.jpg")
    image.symlink_to(tmp_path / "secret.jpg")
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK)
    assert not (tmp_path / "export/images/train2017/a.jpg").is_symlink()
    assert sum(each["missing_image_file_count"] for each in manifest["splits"]) == 1


def test_what_is_no_image_has_no_link(source: Path, tmp_path: Path) -> None:
    (source / "train2017" / "a.jpg").write_bytes(b"root:x:0:0")
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK)
    assert not (tmp_path / "export/images/train2017/a.jpg").is_symlink()
    assert manifest["image_files"]["no image"] == 1


def test_a_link_that_is_bent_while_it_is_written_is_a_defect(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = source / "train2017" / "b.jpg"

    def bent(task: object) -> object:
        placed = place_images(task)  # type: ignore[arg-type]
        for link in links_in(task.folder):  # type: ignore[attr-defined]
            if link.name == "a.jpg":
                link.unlink()
                link.symlink_to(other)
        return placed

    monkeypatch.setattr("cocomine.exporting.writing.place_images", bent)
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK)
    assert any("that lead to another file than the one that they came from" in each for each in manifest["defects"])


def test_a_file_that_goes_while_links_to_it_are_written_is_a_defect(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def placed_and_gone(task: object) -> object:
        placed = place_images(task)  # type: ignore[arg-type]
        (source / "train2017" / "a.jpg").unlink(missing_ok=True)
        return placed

    monkeypatch.setattr("cocomine.exporting.writing.place_images", placed_and_gone)
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK)
    assert any(each.startswith("Images: 1 of 6 missing") for each in manifest["defects"]), manifest["defects"]


def test_an_export_of_links_is_deleted_and_what_they_lead_to_stays(export: Path, source: Path, tmp_path: Path) -> None:
    before = files_in(source)
    assert contents_of(export).foreign == ()
    move_to_trash(export, tmp_path / "trash")
    assert empty_trash(tmp_path / "trash") == []
    assert not list((tmp_path / "trash").iterdir())
    assert files_in(source) == before


@pytest.mark.parametrize("elsewhere", ["a", "zzz"])
def test_a_folder_that_became_a_link_is_not_zipped(export: Path, tmp_path: Path, elsewhere: str) -> None:
    folder = export / "images" / "train2017"
    folder.rename(tmp_path / elsewhere)
    folder.symlink_to(tmp_path / elsewhere)
    with pytest.raises(ExportError, match="leads to no file any more"):
        plan_zip(export)


@pytest.mark.parametrize("more", [b"", b"longer"])
def test_an_image_of_another_size_than_that_which_was_exported_is_not_zipped(
    export: Path, source: Path, more: bytes
) -> None:
    image = source / "train2017" / "a.jpg"
    image.write_bytes(image.read_bytes() + more if more else image.read_bytes()[:-1])
    with pytest.raises(ExportError, match=r"a\.jpg: this file is not as it was exported"):
        plan_zip(export)


@pytest.mark.parametrize("is_file_gone", [False, True])
def test_each_link_that_is_gone_or_leads_nowhere_is_told(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_file_gone: bool
) -> None:
    def gone(task: object) -> object:
        placed = place_images(task)  # type: ignore[arg-type]
        for link in links_in(task.folder):  # type: ignore[attr-defined]
            if link.name == "a.jpg":
                (link.readlink() if is_file_gone else link).unlink(missing_ok=True)
        return placed

    monkeypatch.setattr("cocomine.exporting.writing.place_images", gone)
    manifest = export_of(open_dataset(source), tmp_path / "export", images=SYMLINK, formats=("coco", "voc"))
    assert [each for each in manifest["defects"] if "missing" in each] == [
        "Images: 2 of 6 missing (images/train2017/a.jpg, images/val2017/a.jpg).",
        "Images in other layouts: 2 of 6 missing (voc/JPEGImages/train2017/a.jpg, voc/JPEGImages/val2017/a.jpg).",
    ]
