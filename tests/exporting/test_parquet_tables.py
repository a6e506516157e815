"""A dataset, written as Parquet tables and opened from them, is the dataset it was."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from datasets import export_of, files_in
from records import CAT, CATEGORIES, CUP, annotation, category, document, image, write_split
from tables import assert_same_contents, assert_same_records, assert_stands_for_its_document, write_all

from cocomine.coco.dataset import Dataset
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.masks import native_mask
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError, ExportError, StorageError
from cocomine.exporting import parquet_tables

LVIS_IMAGES = (
    image(1, "ü/狗 𝄞.jpg", neg_category_ids=[CUP], not_exhaustive_category_ids=[CAT]),
    image(2, None, neg_category_ids=[], not_exhaustive_category_ids=[5], coco_url="http://images/val/2.jpg?x"),
)
CODE = {"size": [10, 20], "counts": "d54P1"}
ODD_ANNOTATIONS = (
    annotation(1, 11, CAT, segmentation=CODE, iscrowd=1),
    annotation(2, 11, CAT, segmentation={"size": [3, 3], "counts": [9]}),
    annotation(3, 11, CAT, segmentation=[1, 2, 3, 4, 5, 6]),
    annotation(4, 11, CAT, segmentation=[[]], area=None, bbox=None),
    annotation(5, 11, CAT, segmentation="none", bbox=[1, 2, 3]),
    annotation(6, 999, CAT),
    annotation(7, 11, 999),
    {"id": 8, "image_id": 7, "category_id": CUP},
    annotation(9, 7, CUP, bbox=[0.1, 1e-7, 1e20, 1 / 3], area=1e300, segmentation=None, iscrowd=2),
    {
        "image_id": 7,
        "category_id": CUP,
        "segmentation": {"size": [10, 20], "counts": [0, 200]},
        "id": 10,
        "x": {"id": 1},
    },
)


def text_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)


DOCUMENTS = {
    "four_images": json.dumps(document()),
    "indented": text_of(document()),
    "lvis": text_of(document(LVIS_IMAGES, (annotation(1, 2, CAT),))),
    "odd_masks": json.dumps(document(annotations=ODD_ANNOTATIONS)),
    "no_annotations": json.dumps(document(annotations=())),
    "no_images": json.dumps(document(images=(), annotations=())),
    "twin": json.dumps(document(categories=(*CATEGORIES, category(1, "cat")), info=None)),
    "fractions": json.dumps(document()).replace('"id": 101', '"id": 101.0').replace('"area": 24', '"area": NaN'),
    "not_strict": json.dumps(document()).replace('"mood": "calm"', '"mood": NaN, "x": "\\ud800"'),
    "nan_in_mask": json.dumps(document()).replace("[[2, 2, 8,", "[[NaN, 2, 8,"),
    "odd_fields": json.dumps(
        document(images=(image(11, flickr_url=5, license="x", date_captured=None), image(7), image(42)))
    ),
}


def opened(text: str, folder: Path) -> Dataset:
    path = folder / "annotations" / "instances_val2017.json"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return open_dataset(path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tables_give_back_what_the_file_holds_byte_for_byte(name: str, tmp_path: Path) -> None:
    dataset = opened(DOCUMENTS[name], tmp_path / "coco")
    write_all(dataset, tmp_path / "tables")
    found = open_dataset(tmp_path / "tables", index=tmp_path / "index")
    assert found.categories == dataset.categories
    (split,) = found.splits
    assert_same_contents(split, dataset.splits[0])
    assert_same_records(split, dataset.splits[0])
    assert_stands_for_its_document(split)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_tables_have_the_same_findings(name: str, tmp_path: Path) -> None:
    dataset = opened(DOCUMENTS[name], tmp_path / "coco")
    write_all(dataset, tmp_path / "tables")
    found = open_dataset(tmp_path / "tables", index=tmp_path / "index")
    told = [[f for f in integrity_report(each) if f.code != "no_image_folder"] for each in (found, dataset)]
    assert told[0] == told[1]


def two_splits(folder: Path) -> Dataset:
    write_split(folder, document(), split="train2017", pictures=False)
    write_split(folder, document(images=(), annotations=()), split="val2017", pictures=False)
    return open_dataset(folder)


def test_each_split_is_a_partition_of_each_table_also_an_empty_one(tmp_path: Path) -> None:
    written = write_all(two_splits(tmp_path / "coco"), tmp_path / "tables")
    assert written.rows["val2017"] == {"images": 0, "annotations": 0, "categories": 3, "splits": 1}
    found = open_dataset(tmp_path / "tables", index=tmp_path / "index")
    assert [(split.name, split.role, len(split.images)) for split in found.splits] == [
        ("train2017", "train", 4),
        ("val2017", "val", 0),
    ]


def test_tables_of_tables_are_the_same_bytes(tmp_path: Path) -> None:
    write_all(two_splits(tmp_path / "coco"), tmp_path / "one")
    write_all(open_dataset(tmp_path / "one", index=tmp_path / "index"), tmp_path / "other")
    assert files_in(tmp_path / "one") == files_in(tmp_path / "other")


def test_masks_from_tables_are_the_masks_of_the_file(tmp_path: Path) -> None:
    dataset = opened(DOCUMENTS["four_images"], tmp_path / "coco")
    write_all(dataset, tmp_path / "tables")
    found = open_dataset(tmp_path / "tables", index=tmp_path / "index")
    for image_id in (11, 7, 42):
        one, other = (each.splits[0].image(image_id) for each in (found, dataset))
        masks = [[native_mask(shape.segmentation, each.size) for shape in each.shapes()] for each in (one, other)]
        np.testing.assert_array_equal(masks[0], masks[1])
        assert np.any(masks[1])


def test_a_subset_of_tables_has_the_bytes_of_a_subset_of_the_file(tmp_path: Path) -> None:
    write_split(tmp_path / "coco", document(), split="train2017")
    dataset = open_dataset(tmp_path / "coco")
    write_all(dataset, tmp_path / "coco" / "tables")
    found = open_dataset(tmp_path / "coco" / "tables", index=tmp_path / "index")
    assert found.splits[0].image_folder == dataset.splits[0].image_folder
    for name, each in (("a", dataset), ("b", found)):
        export_of(each, tmp_path / name)
    one, other = files_in(tmp_path / "a"), files_in(tmp_path / "b")
    assert one.keys() == other.keys()
    assert any(name.startswith("annotations/instances_") for name in one)
    assert {name for name in one if one[name] != other[name]} == {"recipe.yaml", "README.md", "manifest.json"}


def test_what_a_column_of_a_program_needs_is_in_the_schema(tmp_path: Path) -> None:
    write_all(opened(DOCUMENTS["lvis"], tmp_path / "coco"), tmp_path / "tables")
    rows = pq.read_table(tmp_path / "tables" / "images").to_pylist()
    assert rows[0]["split"] == "val2017"
    assert (rows[0]["neg_category_ids"], rows[0]["not_exhaustive_category_ids"]) == ([CUP], [CAT])
    assert rows[1]["coco_url"] == "http://images/val/2.jpg?x"
    (row,) = pq.read_table(tmp_path / "tables" / "annotations").to_pylist()
    assert json.loads(row["segmentation"]) == [[1, 1, 5, 1, 5, 5, 1, 5]]
    assert json.loads(row["record"])["segmentation"] is None
    assert (row["area"], row["bbox"], row["iscrowd"]) == (16.0, [1.0, 1.0, 4.0, 4.0], 0)


def test_columns_that_every_row_fills_are_told_to_programs() -> None:
    assert {
        table: [field.name for field in schema if not field.nullable]
        for table, schema in parquet_tables.SCHEMAS.items()
    } == {
        "images": ["id", "width", "height"],
        "annotations": ["id", "image_id", "category_id", "iscrowd"],
        "categories": ["id", "name"],
        "splits": [],
    }


def test_rows_are_written_in_groups_of_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_tables, "ROWS_OF_GROUP", 4)
    write_all(opened(DOCUMENTS["four_images"], tmp_path / "coco"), tmp_path / "tables")
    metadata = pq.read_metadata(tmp_path / "tables" / "annotations" / "split=val2017" / "part-0.parquet")
    assert [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)] == [4, 2]


def test_a_folder_that_holds_something_is_refused_and_kept(tmp_path: Path) -> None:
    dataset = opened(DOCUMENTS["four_images"], tmp_path / "coco")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with pytest.raises(ExportError, match="taken: there is something here already"):
        write_all(dataset, tmp_path / "taken")
    assert list(files_in(tmp_path / "taken")) == ["mine.txt"]


def test_an_interrupted_writing_leaves_nothing(tmp_path: Path) -> None:
    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        parquet_tables.write_tables(opened(DOCUMENTS["four_images"], tmp_path / "coco"), tmp_path / "tables", stop)
    assert [path.name for path in tmp_path.iterdir()] == ["coco"]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / f".tables{parquet_tables.PART}999999999-1"
    (left / "images").mkdir(parents=True)
    (tmp_path / "tables").mkdir()
    write_all(opened(DOCUMENTS["four_images"], tmp_path / "coco"), tmp_path / "tables")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coco", "tables"]


def test_what_is_cleared_is_of_this_very_name_and_one_s_own(tmp_path: Path) -> None:
    target = tmp_path / "out" / "[ab]"
    own, other = (target.with_name(f".{name}{parquet_tables.PART}999999999-1") for name in ("[ab]", "a"))
    own.mkdir(parents=True)
    other.mkdir()
    aim = tmp_path / "aim"
    aim.mkdir()
    link = target.with_name(f".[ab]{parquet_tables.PART}999999998-1")
    link.symlink_to(aim)
    write_all(opened(DOCUMENTS["four_images"], tmp_path / "coco"), target)
    assert not own.exists()
    assert other.is_dir()
    assert link.is_symlink()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives folders away")
def test_a_folder_of_somebody_else_is_not_cleared(tmp_path: Path) -> None:
    left = tmp_path / f".tables{parquet_tables.PART}999999999-1"
    left.mkdir()
    os.chown(left, 65534, 65534)
    write_all(opened(DOCUMENTS["four_images"], tmp_path / "coco"), tmp_path / "tables")
    assert left.is_dir()


def test_a_file_that_changed_since_it_was_opened_is_not_written(tmp_path: Path) -> None:
    dataset = opened(DOCUMENTS["four_images"], tmp_path / "coco")
    dataset.splits[0].source.path.write_text("{}")
    with pytest.raises(DatasetError, match="the file changed since it was opened"):
        write_all(dataset, tmp_path / "tables")
    assert not (tmp_path / "tables").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/tables: cannot be written"):
        write_all(opened(DOCUMENTS["four_images"], tmp_path / "coco"), tmp_path / "file" / "tables")


@pytest.mark.parametrize("field", ["mood", "flickr_url"])
def test_bytes_that_are_no_text_are_refused_with_their_place(field: str, tmp_path: Path) -> None:
    text = json.dumps(document()).encode().replace(b'"mood": "calm"', b'"%s": "\xff and so on and on"' % field.encode())
    path = tmp_path / "instances_val2017.json"
    path.write_bytes(text)
    shown = text[(place := text.index(b"\xff")) - 30 : place + 11].decode(errors="replace")
    with pytest.raises(
        ExportError, match=rf"instances_val2017.json: a record holds bytes that are no UTF-8 .*{field}"
    ) as e:
        write_all(open_dataset(path), tmp_path / "tables")
    assert f"({shown!r})" in str(e.value)
