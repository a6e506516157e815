"""What a division asked and reached stands in the manifest and in the README of an export."""

from pathlib import Path

import pytest
from datasets import MakeDataset, export_of
from records import CAT, CUP, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.split_role import SplitRole
from cocomine.mining.selection.division import Division

NUMBERS = range(10)


@pytest.fixture
def cats(make_dataset: MakeDataset) -> Dataset:
    """Ten images with a cat each, two of which have a cup."""
    cats = [annotation(number, number, CAT) for number in NUMBERS]
    cups = [annotation(100 + number, number, CUP) for number in (3, 4)]
    return make_dataset([image(number) for number in NUMBERS], [*cats, *cups])


def test_a_manifest_has_what_was_asked_and_reached(cats: Dataset, tmp_path: Path) -> None:
    division = export_of(cats, tmp_path / "export", division=Division(val_share=0.3))["division"]
    assert division["asked"] == {"train": 0.7, "val": 0.3}
    assert division["reached"] == division["classes"]["cat"] == {"train": 0.7, "val": 0.3}
    assert division["largest_deviation"] == {"class": "cat", "split": "val", "share": 0.3}


def test_a_readme_has_a_row_for_each_class_and_what_was_asked(cats: Dataset, tmp_path: Path) -> None:
    export_of(cats, tmp_path / "export", division=Division(val_share=0.3))
    text = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert "Images: train 70 % (asked: 70 %), val 30 % (asked: 30 %)." in text
    assert "| class | images | objects | images in train | objects in train | images in val | objects in val |" in text
    assert "| cat | 10 | 10 | 7 (70 %) | 7 | 3 (30 %) | 3 |" in text


def test_of_splits_that_stay_as_they_are_nothing_was_asked(cats: Dataset, tmp_path: Path) -> None:
    manifest = export_of(cats, tmp_path / "export", roles=(("all2017", SplitRole.TRAIN),))
    text = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert "division" not in manifest
    assert "Images: all2017 100 %." in text
    assert "| cup | 2 | 2 | 2 (100 %) | 2 |" in text
