"""All formats of an export say the same: classes, their order, and the objects of each image."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import export_of
from format_readers import coco_contents, hf_contents, mined_contents, voc_contents, yolo_contents
from records import CAT, CUP, DOG, annotation, crowd, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Mode, Others, Selection

SELECTIONS = (
    Selection(classes=("cat",)),
    Selection(classes=("cup", "cat")),
    Selection(classes=("dog", "cup"), mode=Mode.ANY),
    Selection(classes=("cat", "cup"), mode=Mode.ALL),
)
WORDS = {"train": ("train", "train", "train"), "val": ("valid", "val", "validation")}
"""What Roboflow, Pascal VOC and Hugging Face call the splits."""


def assert_one_truth(folder: Path, split: str) -> None:
    """Every format of a split says what its COCO file says."""
    truth, classes = coco_contents(folder / "annotations" / f"instances_{split}.json")
    roboflow, voc, hf = WORDS[split]
    assert coco_contents(folder / "roboflow" / roboflow / "_annotations.coco.json") == (truth, classes)
    assert yolo_contents(folder / "labels" / split, folder / "yolo" / "data.yaml") == (truth, classes)
    boxes = folder / "yolo-detect"
    assert yolo_contents(boxes / "labels" / split, boxes / "data.yaml") == (truth, classes)
    assert voc_contents(folder / "voc", voc) == truth
    assert hf_contents(folder / "hf" / hf / "metadata.jsonl") == truth
    assert mined_contents(folder / "mined.json", split) == truth
    labels = json.loads((folder / "labels.json").read_bytes())["labels"]
    assert [label["name"] for label in labels[1:]] == classes


@pytest.mark.parametrize("others", Others)
@pytest.mark.parametrize("selection", SELECTIONS)
def test_all_formats_say_the_same(tmp_path: Path, selection: Selection, others: Others) -> None:
    write_split(tmp_path / "data", document(), split="train")
    records = [annotation(1, 1, CUP, (3, 2, 6, 5)), annotation(2, 1, DOG), annotation(3, 1, CAT), crowd(4, 1, CAT)]
    write_split(tmp_path / "data", document([image(1)], records), split="val")
    chosen = replace(selection, others=others)
    manifest = export_of(open_dataset(tmp_path / "data"), tmp_path / "export", chosen, formats=FORMATS)
    assert manifest["defects"] == []
    for split in ("train", "val"):
        assert_one_truth(tmp_path / "export", split)


def test_an_image_is_one_file_in_all_layouts_and_changes_in_all(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export", formats=FORMATS)
    places = list((tmp_path / "export").rglob("a.jpg"))
    tops = {path.relative_to(tmp_path / "export").parts[0] for path in places}
    assert tops == {"images", "roboflow", "yolo-detect", "voc", "hf"}
    assert len({path.stat().st_ino for path in places}) == 1


def test_without_image_files_no_layout_has_any(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path / "export", formats=FORMATS, images="none")
    assert manifest["defects"] == []
    assert not list((tmp_path / "export").rglob("*.jpg"))
