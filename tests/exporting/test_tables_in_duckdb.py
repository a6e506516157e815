"""DuckDB computes from our tables what we compute, and we open what DuckDB wrote."""

import json
from pathlib import Path

import duckdb
import numpy as np
import pytest
from records import annotation, category, document, image, write_split
from tables import assert_same_contents, assert_stands_for_its_document, write_all

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.statistics.categories import presence

PAIRS = """
    WITH present AS (SELECT DISTINCT split, image_id, category_id FROM read_parquet('{folder}/annotations/*/*.parquet'))
    SELECT one.category_id, other.category_id, count(*)
    FROM present AS one JOIN present AS other USING (split, image_id) GROUP BY ALL
"""
COPIED = """
    COPY (SELECT * FROM read_parquet('{source}/{table}/*/*.parquet', hive_partitioning = true))
    TO '{target}/{table}' (FORMAT parquet, PARTITION_BY (split))
"""
CHANGED = """
    COPY (
        SELECT split, id::INTEGER AS id, image_id::USMALLINT AS image_id, category_id, iscrowd::BOOLEAN AS iscrowd,
               area::FLOAT AS area, bbox, segmentation::JSON AS segmentation
        FROM read_parquet('{source}/annotations/*/*.parquet', hive_partitioning = true) ORDER BY id DESC
    ) TO '{target}/annotations' (FORMAT parquet, PARTITION_BY (split), COMPRESSION gzip)
"""


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Two splits of images with objects of eight classes, drawn at random."""
    folder, rng = tmp_path_factory.mktemp("drawn"), np.random.default_rng(5)
    categories = [category(10 * number, f"class {number}") for number in range(8)]
    for split, count in (("train2017", 60), ("val2017", 25)):
        images = [image(number) for number in range(count)]
        sides = rng.integers(1, 9, (4 * count, 2)).tolist()
        objects = [
            annotation(
                number, int(rng.integers(count)), 10 * int(rng.integers(8)), (0, 0, *side), iscrowd=number % 9 == 0
            )
            for number, side in enumerate(sides)
        ]
        write_split(folder, document(images, objects, categories), split=split, pictures=False)
    return open_dataset(folder)


def test_the_pair_matrix_is_the_one_that_duckdb_counts(drawn: Dataset, tmp_path: Path) -> None:
    write_all(drawn, tmp_path / "tables")
    ids = [category.category_id for category in drawn.categories]
    counts = np.zeros((len(ids), len(ids)), dtype=np.int64)
    rows = duckdb.execute(PAIRS.format(folder=tmp_path / "tables")).fetchall()
    for one, other, count in rows:
        counts[ids.index(one), ids.index(other)] = count
    found = open_dataset(tmp_path / "tables", index=tmp_path / "index")
    for dataset in (drawn, found):
        np.testing.assert_array_equal(pair_table(presence(dataset), dataset.category_names).counts, counts)
    assert counts.sum() > drawn.image_count


def copied(source: Path, target: Path, sql_of_annotations: str) -> Path:
    target.mkdir()
    for table in ("images", "categories", "splits"):
        duckdb.execute(COPIED.format(source=source, target=target, table=table))
    duckdb.execute(sql_of_annotations.format(source=source, target=target, table="annotations"))
    return target


def test_a_folder_that_duckdb_copied_is_the_same_dataset(tmp_path: Path) -> None:
    write_split(tmp_path / "coco", document(), split="val2017", pictures=False)
    write_all(open_dataset(tmp_path / "coco"), tmp_path / "tables")
    folder = copied(tmp_path / "tables", tmp_path / "copy", COPIED)
    one, other = (open_dataset(each, index=tmp_path / "index") for each in (tmp_path / "tables", folder))
    assert_same_contents(other.splits[0], one.splits[0])
    assert other.splits[0].source.sha256 == one.splits[0].source.sha256


def test_types_and_orders_of_duckdb_are_read_as_they_are_meant(tmp_path: Path) -> None:
    write_split(tmp_path / "coco", document(), split="val2017", pictures=False)
    dataset = open_dataset(tmp_path / "coco")
    write_all(dataset, tmp_path / "tables")
    folder = copied(tmp_path / "tables", tmp_path / "changed", CHANGED)
    (split,) = open_dataset(folder, index=tmp_path / "index").splits
    columns, wanted = split.annotations, dataset.splits[0].annotations
    order = np.argsort(columns.ids)
    for name in ("ids", "image_index", "category_index", "is_crowd", "areas_px", "boxes_xywh", "mask_encodings"):
        np.testing.assert_array_equal(getattr(columns, name)[order], getattr(wanted, name), err_msg=name)
    assert_stands_for_its_document(split)


def test_a_subset_made_in_sql_opens_as_a_dataset(drawn: Dataset, tmp_path: Path) -> None:
    write_all(drawn, tmp_path / "tables")
    target = tmp_path / "small"
    small = COPIED.replace("hive_partitioning = true)", "hive_partitioning = true) WHERE area > 20 AND NOT iscrowd")
    found = open_dataset(copied(tmp_path / "tables", target, small), index=tmp_path / "index")
    kept = [(split.annotations.areas_px > 20) & ~split.annotations.is_crowd for split in drawn.splits]
    assert [len(split.annotations) for split in found.splits] == [int(each.sum()) for each in kept]
    record = found.splits[0].source.record(found.splits[0].annotations.spans[0])
    assert json.loads(record)["area"] > 20
