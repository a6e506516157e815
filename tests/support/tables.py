"""Parquet tables that tests write and compare."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.reading.annotation_file import read_split
from cocomine.exporting.parquet_tables import WrittenTables, write_tables

IMAGE_TABLE = pa.table({"id": [1, 2], "file_name": ["a.jpg", "b.jpg"], "width": [20, 20], "height": [10, 10]})
ANNOTATION_TABLE = pa.table(
    {"id": [5, 6], "image_id": [1, 2], "category_id": [3, 3], "bbox": [[1.0, 2.0, 3.0, 4.5]] * 2}
)
CATEGORY_TABLE = pa.table({"id": [3], "name": ["cat"]})


def write_all(dataset: Dataset, folder: Path) -> WrittenTables:
    return write_tables(dataset, folder, lambda *_: None)


def write_by_hand(
    folder: Path,
    images: pa.Table = IMAGE_TABLE,
    annotations: pa.Table | None = ANNOTATION_TABLE,
    categories: pa.Table | None = CATEGORY_TABLE,
    **more: Any,
) -> Path:
    """Write tables of one split, as a program might that is not ours, and return their folder."""
    for name, table in (("images", images), ("annotations", annotations), ("categories", categories)):
        path = folder / name / "split=val2017" / "data_0.parquet"
        path.parent.mkdir(parents=True)
        if table is not None:
            pq.write_table(table, path, **more)
    return folder


def with_column(table: pa.Table, name: str, values: Any) -> pa.Table:
    """The same table with another column of a name, or one more."""
    kept = table.drop_columns([name]) if name in table.column_names else table
    return kept.append_column(name, values if isinstance(values, pa.Array) else pa.array(values))


def assert_same_contents(found: Split, wanted: Split) -> None:
    """Two splits hold the same, wherever their records lie."""
    assert (found.name, found.role, found.kind) == (wanted.name, wanted.role, wanted.kind)
    assert (found.info, found.licences_json, found.licences) == (wanted.info, wanted.licences_json, wanted.licences)
    assert found.category_ids == wanted.category_ids
    assert list(found.images.file_names) == list(wanted.images.file_names)
    assert found.images.is_federated == wanted.images.is_federated
    for name in ("ids", "widths", "heights", "licence_ids", "checked_absent", "not_exhaustive"):
        np.testing.assert_array_equal(getattr(found.images, name), getattr(wanted.images, name), err_msg=name)
    for each in fields(wanted.annotations):
        if each.name != "spans":
            one, other = getattr(found.annotations, each.name), getattr(wanted.annotations, each.name)
            np.testing.assert_array_equal(one, other, err_msg=each.name)
    for one, other in ((found.dropped_ids, wanted.dropped_ids), (found.remarks, wanted.remarks)):
        assert {code: ids.tolist() for code, ids in one.items()} == {code: ids.tolist() for code, ids in other.items()}


def assert_same_records(found: Split, wanted: Split) -> None:
    """Two splits have the same bytes in each record."""
    for name in ("images", "annotations"):
        one, other = getattr(found, name).spans, getattr(wanted, name).spans
        assert list(found.source.records(one)) == list(wanted.source.records(other))
    for category_id, span in wanted.category_spans.items():
        assert found.source.record(found.category_spans[category_id]) == wanted.source.record(span)


def assert_stands_for_its_document(split: Split) -> None:
    """The reader of JSON finds in the document what the reader of tables found in the tables."""
    document, _ = read_split(split.source.file.path)
    assert_same_contents(split, document.renamed(split.name))
    assert document.source.sha256 == split.source.sha256
    np.testing.assert_array_equal(split.annotations.spans, document.annotations.spans)
    np.testing.assert_array_equal(split.images.spans, document.images.spans)
    assert split.category_spans == document.category_spans
