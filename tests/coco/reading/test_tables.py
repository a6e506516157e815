"""Tables that other programs wrote open as they are meant, and what is not meant is named with its place."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import (
    ANNOTATION_TABLE,
    CATEGORY_TABLE,
    IMAGE_TABLE,
    assert_same_contents,
    assert_same_records,
    assert_stands_for_its_document,
    with_column,
    write_by_hand,
)

from cocomine.coco.columns import FileKind
from cocomine.coco.dataset import Split
from cocomine.coco.mask_encoding import MaskEncoding
from cocomine.coco.reading import table_split, table_values
from cocomine.coco.reading.column_cache import SETTLED_NS
from cocomine.coco.reading.column_files import ColumnFiles
from cocomine.coco.reading.open_dataset import annotation_files, open_dataset
from cocomine.coco.table_folder import partition_name, split_of_partition, table_files
from cocomine.errors import DatasetError

POLYGON = "[[1, 1, 5, 1, 5, 5]]"


def opened(folder: Path) -> Split:
    (split,) = open_dataset(folder, index=folder.parent / "index").splits
    return split


def test_the_least_that_tables_may_hold_is_a_dataset(tmp_path: Path) -> None:
    split = opened(write_by_hand(tmp_path / "tables"))
    assert (split.name, split.role, split.kind) == ("val2017", "val", FileKind.INSTANCES)
    assert split.annotations.boxes_xywh.tolist() == [[1, 2, 3, 4.5]] * 2
    assert split.annotations.areas_px.tolist() == [13.5, 13.5]
    assert split.remarks["missing_area"].tolist() == [5, 6]
    record = b'{"id":5,"image_id":1,"category_id":3,"iscrowd":0,"bbox":[1,2,3,4.5]}'
    assert split.source.record(split.annotations.spans[0]) == record
    assert_stands_for_its_document(split)


WAYS_TO_WRITE: dict[str, tuple[str, Any]] = {
    "int16": ("image_id", pa.array([1, 2], pa.int16())),
    "uint64": ("image_id", pa.array([1, 2], pa.uint64())),
    "double": ("image_id", pa.array([1.0, 2.0])),
    "decimal": ("image_id", pa.array([1, 2]).cast(pa.decimal128(20, 0))),
    "dictionary": ("category_id", pa.array([3, 3]).dictionary_encode()),
    "float_box": ("bbox", pa.array([[1, 2, 3, 4.5]] * 2, pa.list_(pa.float32()))),
    "fixed_box": ("bbox", pa.array([[1, 2, 3, 4.5]] * 2, pa.list_(pa.float64(), 4))),
    "large_box": ("bbox", pa.array([[1, 2, 3, 4.5]] * 2, pa.large_list(pa.float64()))),
    "flag": ("iscrowd", pa.array([False, None])),
    "null_column": ("area", pa.nulls(2)),
    "integer_area": ("area", pa.array([None, None], pa.int32())),
    "unknown": ("score", pa.array([0.5, 0.25])),
}


@pytest.mark.parametrize("way", WAYS_TO_WRITE)
def test_what_is_meant_is_read_however_it_is_stored(way: str, tmp_path: Path) -> None:
    table = with_column(ANNOTATION_TABLE, *WAYS_TO_WRITE[way])
    split = opened(write_by_hand(tmp_path / "tables", annotations=table))
    assert_same_contents(split, opened(write_by_hand(tmp_path / "plain")))
    assert_stands_for_its_document(split)


MASKS = {
    "text": (pa.array([POLYGON, None]), MaskEncoding.POLYGONS),
    "large_text": (pa.array([f" {POLYGON} ", None], pa.large_string()), MaskEncoding.POLYGONS),
    "dictionary": (pa.array([POLYGON, None]).dictionary_encode(), MaskEncoding.POLYGONS),
    "view": (pa.array([POLYGON, None], pa.string_view()), MaskEncoding.POLYGONS),
    "lists": (pa.array([[[1.0, 1, 5, 1, 5, 5]], None]), MaskEncoding.POLYGONS),
    "runs": (pa.array([{"size": [10, 20], "counts": [150, 50]}, None]), MaskEncoding.RLE),
    "code": (pa.array([{"size": [10, 20], "counts": "d54P1"}, None]), MaskEncoding.COMPRESSED_RLE),
    "nan": (pa.array(["[[NaN, 1, 5, 1, 5, 5]]", None]), MaskEncoding.NONE),
    "no_mask": (pa.array(["1e999", None]), MaskEncoding.NONE),
}


@pytest.mark.parametrize("way", MASKS)
def test_masks_are_text_or_lists_or_structures(way: str, tmp_path: Path) -> None:
    values, encoding = MASKS[way]
    split = opened(
        write_by_hand(tmp_path / "tables", annotations=with_column(ANNOTATION_TABLE, "segmentation", values))
    )
    assert split.annotations.mask_encodings.tolist() == [encoding, MaskEncoding.NONE]
    assert_stands_for_its_document(split)


def test_runs_as_bytes_are_those_of_the_same_text(tmp_path: Path) -> None:
    masks = [pa.array([{"size": [10, 20], "counts": runs}, None]) for runs in (b"d54P1", "d54P1")]
    tables = [with_column(ANNOTATION_TABLE, "segmentation", each) for each in masks]
    one, other = (
        opened(write_by_hand(tmp_path / str(number), annotations=table)) for number, table in enumerate(tables)
    )
    assert_same_contents(one, other)
    assert_same_records(one, other)


LVIS = with_column(IMAGE_TABLE, "neg_category_ids", [[3, 77], []])
ODD_IMAGES = {
    "lvis": with_column(LVIS, "not_exhaustive_category_ids", [[], [3]]),
    "no_name": with_column(IMAGE_TABLE, "file_name", pa.array([None, "ü 狗.jpg"])),
    "address": with_column(with_column(IMAGE_TABLE, "file_name", pa.nulls(2)), "coco_url", ["http://x/1.jpg?y", None]),
    "licence": with_column(IMAGE_TABLE, "license", [4, None]),
    "licence_text": with_column(IMAGE_TABLE, "license", ["4", None]),
    "time": with_column(IMAGE_TABLE, "date_captured", pa.array([0, 1], pa.timestamp("s"))),
    "absurd_url": with_column(
        IMAGE_TABLE, "record", ['{"id":1,"file_name":"a.jpg","width":20,"height":10,"flickr_url":1e999}', None]
    ),
    "null_lists": with_column(IMAGE_TABLE, "neg_category_ids", [[], []]),
}


@pytest.mark.parametrize("way", ODD_IMAGES)
def test_odd_images_are_what_the_document_says(way: str, tmp_path: Path) -> None:
    split = opened(write_by_hand(tmp_path / "tables", ODD_IMAGES[way]))
    assert_stands_for_its_document(split)
    assert (split.kind is FileKind.LVIS) == (way in {"lvis", "null_lists"})


def test_absent_and_not_exhaustive_categories_of_lvis_are_read(tmp_path: Path) -> None:
    images = opened(write_by_hand(tmp_path / "tables", ODD_IMAGES["lvis"])).images
    assert (images.checked_absent.tolist(), images.not_exhaustive.tolist()) == ([[0, 0]], [[1, 0]])


def test_several_files_below_a_partition_are_one_table_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables", annotations=None)
    base = folder / "annotations" / "split=val2017"
    first, second = slice(0, 1), slice(1, 2)
    for name, rows in (("part=1/b.parquet", second), ("part=0/a.parquet", first), ("_c.parquet", first)):
        (base / name).parent.mkdir(exist_ok=True)
        pq.write_table(ANNOTATION_TABLE[rows], base / name, write_statistics=False)
    (base / "_SUCCESS").write_text("")
    (base / "_temporary").mkdir()
    pq.write_table(ANNOTATION_TABLE, base / "_temporary" / "d.parquet")
    (base / "again").symlink_to(base)
    assert opened(folder).annotations.ids.tolist() == [5, 6]


def test_a_partition_that_is_written_in_two_ways_is_one_split(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    for name, rows in (("split=val2017", slice(0, 1)), ("split=val%32017", slice(1, 2))):
        (folder / "images" / name).mkdir(exist_ok=True)
        pq.write_table(IMAGE_TABLE[rows], folder / "images" / name / "data_0.parquet")
    split = opened(folder)
    assert (split.name, split.images.ids.tolist(), len(split.annotations)) == ("val2017", [2, 1], 2)


def test_tables_without_partitions_are_one_split_named_as_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "my_val"
    for name, table in (("images", IMAGE_TABLE), ("annotations", ANNOTATION_TABLE), ("categories", CATEGORY_TABLE)):
        (folder / f"{name}.parquet").parent.mkdir(exist_ok=True)
        pq.write_table(table, folder / f"{name}.parquet")
    split = opened(folder)
    assert (split.name, split.role, len(split.annotations)) == ("my_val", "val", 2)


def test_one_table_of_categories_serves_all_splits(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables", categories=None)
    pq.write_table(CATEGORY_TABLE, folder / "categories" / "all.parquet")
    (folder / "categories" / "split=val2017").rmdir()
    assert opened(folder).category_ids == (3,)


def test_a_split_without_a_partition_of_annotations_has_none(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    other = folder / "images" / "split=train%2F2 a" / "x.parquet"
    other.parent.mkdir()
    pq.write_table(IMAGE_TABLE, other)
    with pytest.raises(DatasetError, match=r"no split can be called 'train/2 a': folders are named for it"):
        open_dataset(folder)
    other.parent.rename(folder / "images" / "split=train%202")
    pq.write_table(CATEGORY_TABLE, folder / "categories" / "all.parquet")
    (folder / "categories" / "split=val2017" / "data_0.parquet").unlink()
    (folder / "categories" / "split=val2017").rmdir()
    dataset = open_dataset(folder, index=tmp_path / "index")
    assert [(split.name, len(split.images), len(split.annotations)) for split in dataset.splits] == [
        ("train 2", 2, 0),
        ("val2017", 2, 2),
    ]


def test_names_of_splits_survive_the_names_of_folders() -> None:
    for name in ("train2017", "ü狗", "a b=c%", "50%2F"):
        assert split_of_partition(partition_name(name)) == name


ONE = '{"id":1,"width":1,"height":1}'
RUNNING_ON = [
    '{"id":1,"file_name":"a.jpg","width":20,"height":10,"x":"',
    '"},{"id":2,"file_name":"b.jpg","width":20,"height":10}',
]
"""Two texts that are two records together, and none by itself."""


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            with_column(IMAGE_TABLE, "width", [20, -3]),
            r"column 'width' holds -3 in row 1 .* numbers from 1 to 2,147",
        ),
        (with_column(IMAGE_TABLE, "width", [20, None]), r"column 'width' holds null \(no value\) in row 1"),
        (with_column(IMAGE_TABLE, "id", [1.5, 2]), r"column 'id' holds 1.5 in row 0 \(counted from 0\)"),
        (with_column(IMAGE_TABLE, "id", [float("nan"), 2]), r"column 'id' holds nan in row 0"),
        (with_column(IMAGE_TABLE, "id", ["1", "2"]), r"column 'id' is of the type string, and must hold whole numbers"),
        (with_column(IMAGE_TABLE, "id", pa.array([1, 2**63], pa.uint64())), r"column 'id' holds 9223372036854775808"),
        (with_column(IMAGE_TABLE, "id", [7, 7]), r"images holds 7 twice"),
        (
            with_column(IMAGE_TABLE, "file_name", [1, 2]),
            r"column 'file_name' is of the type int64, and must hold texts",
        ),
        (
            with_column(IMAGE_TABLE, "neg_category_ids", [[1.5], []]),
            r"column 'neg_category_ids' holds \[1.5\] in",
        ),
        (with_column(IMAGE_TABLE, "record", ["{}", "{"]), r"column 'record' holds '{}' in row 0"),
        (with_column(IMAGE_TABLE, "record", [f"{ONE},{ONE}", None]), r"column 'record' holds '{.*in row 0"),
        (with_column(IMAGE_TABLE, "record", RUNNING_ON), r"column 'record' holds '{.*in row 0"),
        (
            with_column(IMAGE_TABLE, "date_captured", pa.array([2**60, None], pa.timestamp("ms"))),
            r"column 'date_captured' holds a value of the type timestamp\[ms\] that cannot be read",
        ),
        (IMAGE_TABLE.append_column("width", pa.array([1, 1])), r"there are 2 columns 'width'"),
        (IMAGE_TABLE.drop_columns(["height"]), r"column 'height' is missing; there are 'id', 'file_name', 'width'"),
    ],
)
def test_an_image_that_can_be_none_is_refused_with_its_place(table: pa.Table, message: str, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=rf"images/split=val2017/data_0.parquet: {message}|split=val2017: {message}"):
        open_dataset(write_by_hand(tmp_path / "tables", table))


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        (
            "segmentation",
            ["x", None],
            r"column 'segmentation' holds 'x' in row 0 .*polygons or a run-length code as",
        ),
        ("segmentation", [POLYGON, f"{POLYGON},{POLYGON}"], r"column 'segmentation' holds '\[\[1, 1.* in row 1"),
        ("segmentation", [1, 2], r"column 'segmentation' is of the type int64, and must hold masks as JSON text"),
        (
            "record",
            [None, '{"id": 6,'],
            r"column 'record' holds '{\"id\": 6,' in row 1 .*the annotation's record as",
        ),
        ("bbox", ["1", "2"], r"column 'bbox' is of the type string, and must hold lists of four numbers"),
        ("area", ["1", "2"], r"column 'area' is of the type string, and must hold numbers"),
        ("image_id", [None, 2], r"column 'image_id' holds null \(no value\) in row 0"),
    ],
)
def test_an_annotation_that_can_be_none_is_refused_with_its_place(
    name: str, values: list[Any], message: str, tmp_path: Path
) -> None:
    folder = write_by_hand(tmp_path / "tables", annotations=with_column(ANNOTATION_TABLE, name, values))
    with pytest.raises(DatasetError, match=rf"annotations/split=val2017/data_0.parquet: {message}"):
        open_dataset(folder)


def test_a_row_is_counted_in_its_file_and_not_in_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_values, "MOST_ROWS", 1)
    table = with_column(ANNOTATION_TABLE, "segmentation", [POLYGON, "x"])
    folder = write_by_hand(tmp_path / "tables", annotations=table)
    with pytest.raises(DatasetError, match="holds 'x' in row 1"):
        open_dataset(folder)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    path = folder / "annotations" / "split=val2017" / "data_0.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DatasetError, match=r"data_0.parquet: (this is no|the) Parquet file"):
        open_dataset(folder)


def test_a_folder_that_is_half_partitioned_is_refused(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables", annotations=None)
    pq.write_table(ANNOTATION_TABLE, folder / "annotations" / "data.parquet")
    (folder / "annotations" / "split=val2017").rmdir()
    with pytest.raises(DatasetError, match=r"annotations: this table is not partitioned by split, and 'images' is"):
        open_dataset(folder)
    pq.write_table(IMAGE_TABLE, folder / "images" / "data.parquet")
    with pytest.raises(DatasetError, match=r"images/data.parquet: this file is in no partition"):
        open_dataset(folder)


def test_annotations_are_not_left_out_where_their_partitions_differ_from_those_of_the_images(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    loose = folder / "annotations" / "data.parquet"
    pq.write_table(ANNOTATION_TABLE, loose)
    with pytest.raises(DatasetError, match=r"annotations/data.parquet: this file is in no partition"):
        open_dataset(folder)
    loose.unlink()
    (folder / "annotations" / "split=val2017").rename(folder / "annotations" / "split=Val2017")
    with pytest.raises(DatasetError, match=r"split=Val2017: there are annotations of this split, and no images"):
        open_dataset(folder)
    (folder / "images" / "split=val2017" / "data_0.parquet").rename(folder / "images" / "data.parquet")
    (folder / "images" / "split=val2017").rmdir()
    with pytest.raises(DatasetError, match=r"annotations/split=Val2017: this table is partitioned by split, and 'im"):
        open_dataset(folder)


def test_images_of_no_split_are_refused(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    (folder / "images" / "split=val2017").rename(folder / "images" / "split=__HIVE_DEFAULT_PARTITION__")
    with pytest.raises(DatasetError, match="these images are of no split"):
        open_dataset(folder)


@pytest.mark.parametrize("table", ["images", "annotations"])
def test_the_table_that_is_missing_is_named(tmp_path: Path, table: str) -> None:
    folder = write_by_hand(tmp_path / "tables")
    shutil.rmtree(folder / table)
    with pytest.raises(DatasetError, match=f"There are Parquet tables, but no table '{table}'"):
        open_dataset(folder)


def test_tables_without_categories_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"split=val2017: there are no categories, .*Write the table 'categories'"):
        open_dataset(write_by_hand(tmp_path / "tables", categories=CATEGORY_TABLE[:0]))


RECORDS = [
    '{"id": 5, "image_id": 1, "category_id": 3, "bbox": [1, 2, 3, 4.5], "x": {"id": 9}}',
    '{"category_id": 4, "segmentation": null, "area": NaN, "y": NaN, "bbox": [1, 2, 3, 4.5], "id": 6.0, "image_id": 2}',
]


def test_a_record_stays_as_long_as_the_columns_say_the_same(tmp_path: Path) -> None:
    table = with_column(ANNOTATION_TABLE, "record", RECORDS)
    split = opened(write_by_hand(tmp_path / "tables", annotations=table))
    one, other = split.source.records(split.annotations.spans)
    assert one == RECORDS[0].encode()
    assert json.loads(other) == {
        "id": 6, "image_id": 2, "category_id": 3, "iscrowd": 0, "bbox": [1, 2, 3, 4.5], "y": None,
    }  # fmt: skip
    assert_stands_for_its_document(split)


def test_a_mask_that_changed_in_its_column_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    table = with_column(ANNOTATION_TABLE, "segmentation", [POLYGON, POLYGON])
    records = [RECORDS[0], RECORDS[1].replace('"category_id": 4', '"category_id": 3')]
    split = opened(write_by_hand(tmp_path / "tables", annotations=with_column(table, "record", records)))
    one, other = split.source.records(split.annotations.spans)
    assert json.loads(one)["segmentation"] == json.loads(POLYGON)
    assert other == records[1].replace('"segmentation": null', f'"segmentation": {POLYGON}').encode()
    assert split.remarks["not_strict_json"].tolist() == split.remarks["whole_with_fraction"].tolist() == [6]
    assert_stands_for_its_document(split)


def test_a_changed_name_of_an_image_holds_and_its_other_fields_stay(tmp_path: Path) -> None:
    records = ['{"id":1,"file_name":"old.jpg","width":20,"height":10,"mood":"calm"}', None]
    split = opened(write_by_hand(tmp_path / "tables", with_column(IMAGE_TABLE, "record", records)))
    record = split.source.record(split.images.spans[0])
    assert record == b'{"id":1,"width":20,"height":10,"file_name":"a.jpg","mood":"calm"}'
    assert_stands_for_its_document(split)


def aged(folder: Path) -> Path:
    """Let files look as if nothing wrote to them for long."""
    for path in folder.rglob("*.parquet"):
        os.utime(path, ns=(1_500_000_000_000_000_000, 1_500_000_000_000_000_000))
    return folder


def no_reading(*_: Any) -> None:
    raise AssertionError("the tables are read again")


def test_tables_are_read_once_and_again_when_they_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocomine.coco.reading.column_cache.SETTLED_NS", -SETTLED_NS)
    folder = aged(write_by_hand(tmp_path / "tables"))
    first = opened(folder)
    with monkeypatch.context() as patch:
        patch.setattr(table_split, "read_tables", no_reading)
        again = opened(folder)
    assert_same_contents(again, first)
    assert not again.annotations.ids.flags.writeable
    path = folder / "annotations" / "split=val2017" / "data_0.parquet"
    pq.write_table(ANNOTATION_TABLE[:1], path)
    assert len(opened(folder).annotations) == 1


def test_the_hash_is_of_what_tables_say_and_not_of_how_they_are_stored(tmp_path: Path) -> None:
    plain = opened(write_by_hand(tmp_path / "plain")).source
    packed = opened(write_by_hand(tmp_path / "packed", compression="gzip", row_group_size=1)).source
    changed = opened(write_by_hand(tmp_path / "changed", with_column(IMAGE_TABLE, "width", [20, 21]))).source
    assert plain.sha256 == packed.sha256 != changed.sha256


def test_a_deleted_index_is_told_when_a_record_is_needed(tmp_path: Path) -> None:
    split = opened(write_by_hand(tmp_path / "tables"))
    split.source.file.path.unlink()
    with pytest.raises(DatasetError, match=r"split=val2017: the file cannot be read any more .* Open the"):
        split.source.record(split.annotations.spans[0])
    assert opened(tmp_path / "tables").source.record(split.annotations.spans[0])


def test_without_an_index_tables_open_too(tmp_path: Path) -> None:
    (split,) = open_dataset(write_by_hand(tmp_path / "tables")).splits
    assert_stands_for_its_document(split)


def test_annotations_are_checked_piece_by_piece(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_split, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(table_values, "MOST_ROWS", 1)
    monkeypatch.setattr(table_values, "FEWEST_ROWS", 1)
    count = 7
    codes = ['{"size": [10, 20], "counts": [200]}', '{"size": [9, 20], "counts": [180]}']
    table = pa.table(
        {
            "id": range(count),
            "image_id": [1, 99, 2, 1, 1, 99, 2],
            "category_id": [3, 3, 3, 77, 3, 3, 3],
            "segmentation": [codes[row % 2] for row in range(count)],
        }
    )
    split = opened(write_by_hand(tmp_path / "tables", annotations=table))
    assert split.dropped_ids["unknown_image"].tolist() == [1, 5]
    assert_stands_for_its_document(split)


def test_columns_in_pieces_are_what_numpy_reads(tmp_path: Path) -> None:
    empty = {"ids": np.zeros(0, dtype=np.int64), "boxes": np.zeros((0, 4))}
    columns = ColumnFiles(tmp_path, "x", empty)
    with columns:
        for start in range(0, 300, 100):
            columns.append({"ids": np.arange(start, start + 100), "boxes": np.ones((100, 4)) * start})
    assert np.load(tmp_path / "x.ids.npy").tolist() == list(range(300))
    assert columns.mapped()["boxes"].shape == (300, 4)


def test_json_beside_folders_of_the_same_names_is_still_json(tmp_path: Path) -> None:
    (tmp_path / "images" / "split=a").mkdir(parents=True)
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations" / "instances_a.json").write_text("{}")
    assert annotation_files(tmp_path) == [tmp_path / "annotations" / "instances_a.json"]


def test_a_single_parquet_file_is_refused_with_what_to_open(tmp_path: Path) -> None:
    folder = write_by_hand(tmp_path / "tables")
    (file,) = table_files(folder / "split=val2017", "images")
    with pytest.raises(DatasetError, match=r"this is a Parquet table.*Open the folder that holds the tables"):
        open_dataset(file)
