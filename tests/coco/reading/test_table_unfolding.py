"""A few bytes of a Parquet file may stand for any number; no more is read of it at once than fits into the memory."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables import ANNOTATION_TABLE, with_column, write_by_hand

from cocomine.coco.reading import table_unfolding
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.reading.table_values import batches
from cocomine.errors import DatasetError

MB = 1 << 20


def repeated(text: str, count: int) -> pa.Array:
    """Rows of one text, which are stored as one."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, dtype=np.int32)), pa.array([text]))


@pytest.mark.parametrize("stores_schema", [True, False])
def test_a_file_of_some_kilobytes_that_stands_for_many_gigabytes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stores_schema: bool
) -> None:
    monkeypatch.setattr(table_unfolding, "ANY_BYTES", 10 * MB)
    count = 50_000
    columns = {"id": range(count), "image_id": [1] * count, "category_id": [3] * count}
    table = pa.table({**columns, "segmentation": repeated("[[1, 1, 5, 1, 5, 5]]".ljust(MB), count)})
    folder = write_by_hand(tmp_path / "tables", annotations=table, store_schema=stores_schema)
    before = pa.default_memory_pool().max_memory()
    with pytest.raises(DatasetError, match=r"annotations.*unfold to more than [\d.]+ MB, since values are repeated"):
        open_dataset(folder)
    assert pa.default_memory_pool().max_memory() - before < 600 * MB


def test_a_row_of_more_numbers_than_any_dataset_has_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_unfolding, "ANY_BYTES", MB)
    numbers = pa.array(np.zeros(2_000_000, dtype=np.int8))
    row = pa.LargeListArray.from_arrays(pa.array([0, len(numbers)]), numbers)
    table = with_column(ANNOTATION_TABLE.slice(0, 1), "bbox", row)
    with pytest.raises(DatasetError, match=r"annotations.*unfold to more than [\d.]+ MB"):
        open_dataset(write_by_hand(tmp_path / "tables", annotations=table))


def test_repeated_texts_are_read_in_pieces_that_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["a" * 10, "b" * 100, None, "", "c"]
    table = pa.table({"number": range(50), "text": pa.array(texts * 10).dictionary_encode()})
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=20)
    monkeypatch.setattr(table_unfolding, "LARGEST_BATCH_BYTES", 750)
    found = list(batches([tmp_path / "a.parquet"], ["number", "text"], required=[]))
    assert [each.first_row for each in found] == np.cumsum([0, *(each.count for each in found[:-1])]).tolist()
    assert [number for each in found for number in each.wholes("number").tolist()] == list(range(50))
    assert [text for each in found for text in each.texts("text")] == texts * 10
    assert max(each.count for each in found) == 7
    monkeypatch.setattr(table_unfolding, "LARGEST_BATCH_BYTES", 7)
    assert {each.count for each in batches([tmp_path / "a.parquet"], ["text"], required=[])} == {1}
