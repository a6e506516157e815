"""The large dataset of the benchmarks is a sound one, of exactly the size that was asked for."""

from pathlib import Path

import numpy as np
import pytest
from datasets import files_in

from benchmarks import large_tables
from benchmarks.large_tables import write_large_tables
from cocomine.coco.dataset import Split
from cocomine.coco.integrity.report import record_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import StorageError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(large_tables, "IMAGES_AT_ONCE", 256)
    write_large_tables(tmp_path / "tables", image_count=600, box_count=9_001, category_count=20)
    return tmp_path / "tables"


def opened(folder: Path) -> Split:
    (split,) = open_dataset(folder, index=folder.parent / "index").splits
    return split


def test_it_has_the_size_that_was_asked_for_and_no_flaw_but_missing_masks(folder: Path) -> None:
    dataset = open_dataset(folder, index=folder.parent / "index")
    assert (dataset.image_count, dataset.annotation_count, len(dataset.categories)) == (600, 9_001, 20)
    assert len(np.unique(dataset.splits[0].annotations.ids)) == 9_001
    assert [finding.code for finding in record_report(dataset)] == ["annotation_without_mask"]


def test_frequent_classes_come_first_and_all_occur(folder: Path) -> None:
    counts = np.bincount(opened(folder).annotations.category_index, minlength=20)
    assert counts.min() > 0
    assert counts[0] == counts.max() > 5 * counts[-1]


def test_boxes_lie_in_their_images(folder: Path) -> None:
    split = opened(folder)
    boxes, index = split.annotations.boxes_xywh, split.annotations.image_index
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] > 0).all()
    assert (boxes[:, 0] + boxes[:, 2] <= split.images.widths[index] + 0.2).all()
    assert (boxes[:, 1] + boxes[:, 3] <= split.images.heights[index] + 0.2).all()


def test_the_same_size_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_large_tables(tmp_path / "again", image_count=600, box_count=9_001, category_count=20)
    assert files_in(folder) == files_in(tmp_path / "again")


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="The dataset needs about"):
        write_large_tables(tmp_path / "tables", image_count=1, box_count=10**15, category_count=20)
    assert not (tmp_path / "tables").exists()
