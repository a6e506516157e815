"""An export folder is read back, and names never lead out of it."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset, export_of
from hypothesis import given
from hypothesis import strategies as st
from label_files import read_label_png
from records import CAT, CUP, HEIGHT, WIDTH, annotation, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.errors import DatasetError, ExportError
from cocomine.exporting.layout import LABELS, MANIFEST, annotation_path, image_path, inside_name, label_path, yolo_place
from cocomine.exporting.manifest import read_manifest
from cocomine.exporting.reading import native_label_map, read_export
from cocomine.labels.label_map import label_map
from cocomine.labels.table import label_table
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.selection import Others, Selection

PATH_LIKE = [
    "",
    ".",
    "./",
    "..",
    "../x.jpg",
    "a/../../x.jpg",
    "/etc/x.jpg",
    "a\0.jpg",
    "a.jpg/",
    "\ud83d.jpg",
    "a" * 252 + ".jpg",
    "é" * 126 + ".jp",
]


@pytest.fixture
def folder(make_dataset: MakeDataset, tmp_path: Path) -> Path:
    export_of(make_dataset(), tmp_path / "export", division=Division(val_share=0.4))
    return tmp_path / "export"


@pytest.mark.parametrize("name", PATH_LIKE)
def test_a_path_like_name_is_refused(name: str) -> None:
    with pytest.raises(ExportError, match=r"The image name .*Correct it, or exclude the image"):
        inside_name(name)


@pytest.mark.parametrize("name", PATH_LIKE)
@pytest.mark.parametrize("place", [image_path, label_path])
def test_pictures_and_label_maps_of_path_like_names_are_refused(name: str, place: Any) -> None:
    with pytest.raises(ExportError, match="Correct it, or exclude the image"):
        place(Path("/export"), "train", name)


@given(name=st.text() | st.lists(st.sampled_from(["..", ".", "a", "/", "\\", "b.jpg", ""])).map("/".join))
def test_no_name_ever_leads_out_of_the_folder(name: str) -> None:
    folder = Path("/export/labels/train")
    try:
        path = label_path(Path("/export"), "train", name)
    except ExportError:
        return
    assert folder in path.parents
    assert ".." not in path.parts


@pytest.mark.parametrize("name", ["a\\b.jpg", "..\\x.jpg", "C:x.jpg", "2024-05-01T12:30:01.jpg", "a" * 251 + ".jpg"])
def test_a_name_that_this_system_can_hold_is_taken_as_it_is(name: str) -> None:
    assert image_path(Path("/export"), "train", name) == Path("/export/images/train") / name


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "images/0001.jpg", "images/a/images/b.jpg", "a/images.jpg", "images.jpg", "imagesx/a.jpg", "a.b/c.d.jpg"],
)
@pytest.mark.parametrize("split", ["train", "images"])
def test_texts_are_where_ultralytics_looks_for_them(split: str, name: str) -> None:
    picture = str(image_path(Path("/data/images/export"), split, name))
    there = "/labels/".join(picture.rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt"  # its `img2label_paths`
    assert f"/data/images/export/{yolo_place(split, name)}" == there


def test_a_name_in_subfolders_keeps_them() -> None:
    assert inside_name("2017/a b/猫.jpg") == PurePosixPath("2017/a b/猫.jpg")
    assert label_path(Path("/e"), "val", "2017/x.y.jpg") == Path("/e/labels/val/2017/x.y.png")


def test_an_export_lists_its_pictures_with_their_label_maps(folder: Path) -> None:
    export = read_export(folder)
    assert [split.name for split in export.splits] == ["train", "val"]
    names = sorted(each.file_name for split in export.splits for each in split.images)
    assert names == ["a.jpg", "b.jpg", "c.jpg"]
    assert all(each.image_path.is_file() for split in export.splits for each in split.images)
    assert all(each.label_path.is_file() for split in export.splits for each in split.images)
    images = [split.split.images for split in export.splits]
    assert {*np.concatenate([each.widths for each in images]).tolist()} == {WIDTH}
    assert {*np.concatenate([each.heights for each in images]).tolist()} == {HEIGHT}


def test_the_label_table_is_read_back_as_it_was(folder: Path, four_images: Dataset) -> None:
    export = read_export(folder)
    assert export.table == label_table(four_images, Selection(classes=("cat", "cup")))
    assert (export.size_px, [label.name for label in export.labels]) == (32, ["background", "cat", "cup"])


def splits_of(root: Path, *names: str) -> Dataset:
    """Two images with a cup each in every split."""
    for number, name in enumerate(names):
        ids = (10 * number + 1, 10 * number + 2)
        records = [annotation(each, each, CUP) for each in ids]
        write_split(root, document([image(each) for each in ids], records), split=name)
    return open_dataset(root)


def test_a_split_is_for_what_whole_words_of_its_name_say(tmp_path: Path) -> None:
    data = splits_of(tmp_path / "data", "medieval", "modern_train", "modern_val")
    export_of(data, tmp_path / "export", Selection(classes=("cup",)))
    export = read_export(tmp_path / "export")
    assert (export.train_split.name, export.val_split.name) == ("modern_train", "modern_val")
    assert [split.role for split in export.splits] == [None, "train", "val"]


def test_a_person_may_say_what_splits_are_for(tmp_path: Path) -> None:
    data = splits_of(tmp_path / "data", "checking", "learning", "test")
    roles = (("checking", SplitRole.VAL), ("learning", SplitRole.TRAIN), ("test", SplitRole.VAL))
    export_of(data, tmp_path / "export", Selection(classes=("cup",)), roles=roles)
    export = read_export(tmp_path / "export")
    assert (export.train_split.name, export.val_split.name) == ("learning", "checking")


def test_splits_that_no_one_says_the_use_of_are_named_with_the_remedy(tmp_path: Path) -> None:
    export_of(splits_of(tmp_path / "data", "checking", "test"), tmp_path / "export", Selection(classes=("cup",)))
    found = r"no split for train has images; found checking \(no role, 2\), test \(test, 2\)"
    with pytest.raises(ExportError, match=rf"{found}. Export again and say which split it is \(--role SPLIT=train\)"):
        _ = read_export(tmp_path / "export").train_split


def test_in_a_manifest_without_roles_names_say_them(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for entry in manifest["splits"]:
        del entry["role"]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert [split.role for split in read_export(folder).splits] == ["train", "val"]


def test_training_and_validation_splits_are_found_by_name(folder: Path) -> None:
    export = read_export(folder)
    assert (export.train_split.name, export.val_split.name) == ("train", "val")
    assert len(export.val_split.images) == 1


@pytest.mark.parametrize("others", Others)
def test_a_native_label_map_is_that_of_the_source(make_dataset: MakeDataset, tmp_path: Path, others: Others) -> None:
    dataset = make_dataset()
    export_of(dataset, tmp_path / "export", Selection(classes=("cup", "cat"), others=others))
    export = read_export(tmp_path / "export")
    table = export.table.label_of_category
    for part in export.splits:
        for image_id in part.split.images.ids.tolist():
            shapes = dataset.splits[0].image(image_id).shapes()
            expected = label_map(shapes, table, native=Size(HEIGHT, WIDTH), size=Size(HEIGHT, WIDTH))
            np.testing.assert_array_equal(native_label_map(part, image_id), expected)


def test_a_stored_label_map_is_that_of_its_shapes(folder: Path) -> None:
    export = read_export(folder)
    for part in export.splits:
        for index, each in enumerate(part.images):
            shapes = part.split.image_at(index).shapes()
            expected = label_map(shapes, {CAT: 1, CUP: 2}, native=Size(HEIGHT, WIDTH), size=Size(32, 32))
            np.testing.assert_array_equal(read_label_png(each.label_path), expected)


def test_an_image_whose_picture_is_missing_is_not_listed(folder: Path) -> None:
    image_path(folder, "train", "a.jpg").unlink(missing_ok=True)
    image_path(folder, "val", "a.jpg").unlink(missing_ok=True)
    names = {each.file_name for split in read_export(folder).splits for each in split.images}
    assert names == {"b.jpg", "c.jpg"}


def test_an_export_without_pictures_has_no_training_split(make_dataset: MakeDataset, tmp_path: Path) -> None:
    export_of(make_dataset(), tmp_path / "export", images="none")
    found = r"no split for train has images; found train \(train, 0\), val \(val, 0\)"
    message = rf"{found}. Make an export whose train split holds images"
    with pytest.raises(ExportError, match=message):
        _ = read_export(tmp_path / "export").train_split


def test_an_export_without_label_maps_says_so(make_dataset: MakeDataset, tmp_path: Path) -> None:
    export_of(make_dataset(), tmp_path / "export", formats=("coco",))
    with pytest.raises(ExportError, match=r"no label maps. Export again with the format 'masks'"):
        read_export(tmp_path / "export")


def test_a_folder_without_manifest_is_no_complete_export(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with pytest.raises(ExportError, match=r"no complete export \(its manifest.json is missing\). Export again"):
        read_export(folder)


@pytest.mark.parametrize("text", ["", "{", '{"splits": [', "\xff"])
def test_a_damaged_manifest_says_so(folder: Path, text: str) -> None:
    (folder / MANIFEST).write_bytes(text.encode("latin-1"))
    with pytest.raises(ExportError, match=r"manifest.json: damaged .*Export again"):
        read_manifest(folder)


@pytest.mark.parametrize(
    ("where", "field", "outside"),
    [
        ("splits", "split", "../../other"),
        ("splits", "split", ".."),
        ("splits", "split", ""),
        ("files", "path", "/etc/passwd"),
        ("files", "path", "labels/../../x.png"),
        ("files", "path", ".."),
    ],
)
def test_a_manifest_that_leads_out_of_its_folder_is_damaged(folder: Path, where: str, field: str, outside: str) -> None:
    manifest = read_manifest(folder)
    manifest[where][0][field] = outside
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ExportError, match=f"damaged.*{field}"):
        read_export(folder)


@pytest.mark.parametrize("value", [{}, [], {"name": "web app"}, {"cocomine_export": 99}])
def test_another_program_s_manifest_is_no_export(folder: Path, value: Any) -> None:
    (folder / MANIFEST).write_text(json.dumps(value))
    with pytest.raises(ExportError, match="not the manifest of an export of version 1"):
        read_export(folder)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"size_px": 32, "labels": [{}], "ignored_category_ids": []}'])
def test_a_damaged_label_table_says_so(folder: Path, text: str) -> None:
    (folder / LABELS).write_text(text)
    with pytest.raises(ExportError, match=r"labels.json: damaged .*Export again"):
        read_export(folder)


def test_a_missing_annotation_file_says_so(folder: Path) -> None:
    annotation_path(folder, "val").unlink()
    with pytest.raises(DatasetError, match=r"instances_val.json: the file cannot be read"):
        read_export(folder)
