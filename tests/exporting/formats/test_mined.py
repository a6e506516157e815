"""The paper's image dictionary, with a list for each image."""

import json
from pathlib import Path

import pytest
from datasets import MakeDataset
from pycocotools.coco import COCO
from records import CAT, CUP, DOG, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.mined import mined_dictionary
from cocomine.labels.table import class_table
from cocomine.mining.selection.selection import Others, Selection, select


def mined(dataset: Dataset, selection: Selection) -> dict[str, dict[str, list[dict[str, object]]]]:
    return mined_dictionary(select(dataset, selection).parts, dataset, class_table(dataset, selection))


def test_every_annotation_of_an_image_is_in_its_list(four_images: Dataset) -> None:
    found = mined(four_images, Selection(classes=("cat", "cup")))["all2017"]
    ids = {name: [entry["annotation_id"] for entry in entries] for name, entries in found.items()}
    assert ids == {"a.jpg": [101, 102], "b.jpg": [103], "c.jpg": [105, 106]}


def test_an_entry_says_what_the_record_says(four_images: Dataset) -> None:
    entry = mined(four_images, Selection(classes=("dog",)))["all2017"]["b.jpg"][0]
    box = [12, 0, 8, 10]
    assert entry == {
        "annotation_id": 104,
        "category_id": DOG,
        "class": "dog",
        "bbox_xywh": box,
        "area_px": 80,
        "is_crowd": True,
    }


def test_other_classes_are_there_unless_they_are_background(four_images: Dataset) -> None:
    kept = mined(four_images, Selection(classes=("cat",), others=Others.KEEP))["all2017"]
    assert [entry["category_id"] for entry in kept["a.jpg"]] == [CAT, CUP]
    alone = mined(four_images, Selection(classes=("cat",)))["all2017"]
    assert [entry["category_id"] for entry in alone["a.jpg"]] == [CAT]


def test_classes_that_are_merged_are_one(four_images: Dataset) -> None:
    merged = mined(four_images, Selection(classes=("cat",), others=Others.MERGE))["all2017"]
    assert [(entry["category_id"], entry["class"]) for entry in merged["a.jpg"]] == [(CAT, "cat"), (CUP + 1, "other")]


def test_a_missing_box_and_area_are_null(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, bbox=None, area=None)])
    (entry,) = mined(dataset, Selection(classes=("cat",)))["all2017"]["1.jpg"]
    assert (entry["bbox_xywh"], entry["area_px"]) == (None, None)
    json.dumps(entry, allow_nan=False)


def test_an_empty_choice_gives_an_empty_dictionary(four_images: Dataset) -> None:
    assert mined(four_images, Selection()) == {"all2017": {}}


@pytest.mark.real
def test_the_real_dictionary_agrees_with_a_loop_over_pycocotools(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder, splits=["val2017"])
    peer = COCO(dataset.splits[0].source.path)
    wanted = set(peer.getCatIds(catNms=["cup", "dining table"]))
    expected: dict[str, list[dict[str, object]]] = {}
    for record in peer.dataset["annotations"]:  # Algorithm 1, with a list per image
        if record["category_id"] in wanted:
            entry = {
                "annotation_id": record["id"],
                "category_id": record["category_id"],
                "class": peer.cats[record["category_id"]]["name"],
                "bbox_xywh": record["bbox"],
                "area_px": record["area"],
                "is_crowd": bool(record["iscrowd"]),
            }
            expected.setdefault(peer.imgs[record["image_id"]]["file_name"], []).append(entry)
    assert mined(dataset, Selection(classes=("cup", "dining table")))["val2017"] == expected
