"""All formats of an export say the same: classes, their order, and the objects of each image."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import export_of, files_in, recipe_of
from format_readers import coco_contents, hf_contents, mined_contents, voc_contents, yolo_contents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from records import CAT, CUP, DOG, annotation, crowd, document, image, rectangle, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.image_batches import image_batches
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.limits import Limits
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


def test_what_formats_cannot_carry_is_counted_and_said(tmp_path: Path) -> None:
    bare = annotation(1, 1, CAT, (2, 2, 6, 5), segmentation=[])
    records = [bare, annotation(2, 1, CAT, (30, 2, 6, 5)), crowd(3, 1, CAT), annotation(4, 1, DOG)]
    write_split(tmp_path / "data", document([image(1)], records), split="train")
    chosen = Selection(classes=("cat",), others=Others.IGNORE)
    manifest = export_of(open_dataset(tmp_path / "data"), tmp_path / "export", chosen, formats=FORMATS)
    text = (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert sum(entry["ignored_annotation_count"] for entry in manifest["splits"]) == 1
    assert "Ignored annotations (1) are in no format but" in text
    assert "YOLO outlines, objects: 1 without a mask" in text
    assert "YOLO boxes, objects: 1 left out, with nothing in the image; 1 left out as crowd regions" in text
    assert "Pascal VOC, objects: 1 left out, with no box in the image; 1 without a mask, so a box alone" in text


def test_an_object_with_a_mask_and_no_box_is_in_every_format(tmp_path: Path) -> None:
    masked = {"segmentation": [rectangle(2, 2, 6, 5)], "area": 30}
    records = [annotation(1, 1, CAT, (8, 2, -6, 5), **masked), annotation(2, 1, CAT, (2, 2, 0, 0), **masked)]
    write_split(tmp_path / "data", document([image(1)], records), split="train")
    export_of(open_dataset(tmp_path / "data"), tmp_path / "export", Selection(classes=("cat",)), formats=FORMATS)
    assert_one_truth(tmp_path / "export", "train")


def test_a_split_without_images_has_a_folder_for_them(tmp_path: Path) -> None:
    write_split(tmp_path / "data", document([image(1)], [annotation(1, 1, CAT)]), split="all")
    export_of(open_dataset(tmp_path / "data"), tmp_path / "export", Selection(classes=("cat",)))
    assert sorted(path.name for path in (tmp_path / "export" / "images").iterdir()) == ["train", "val"]


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


def test_the_files_are_the_same_for_any_number_of_processes(demo_folder: Path, tmp_path: Path) -> None:
    dataset = open_dataset(demo_folder)
    selection = Selection(classes=dataset.category_names[:2], limits=Limits(cap=20))
    plan = plan_export(dataset, recipe_of(dataset, selection, formats=FORMATS))
    assert len(list(image_batches(plan, tmp_path))) >= 3
    write_export(plan, tmp_path / "one", workers=1)
    write_export(plan, tmp_path / "three", workers=3)
    assert files_in(tmp_path / "one") == files_in(tmp_path / "three")


@pytest.mark.real
@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_exported_record_is_its_source_s_byte_for_byte(
    coco_folder: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    dataset = open_dataset(coco_folder)
    names = st.lists(st.sampled_from(dataset.category_names), min_size=1, max_size=4, unique=True)
    selection = Selection(
        classes=tuple(data.draw(names)), others=data.draw(st.sampled_from([Others.BACKGROUND, Others.KEEP]))
    )
    folder = tmp_path_factory.mktemp("export") / "out"
    manifest = export_of(dataset, folder, selection, formats=("coco",), images="none")
    assert manifest["defects"] == []
    for split in dataset.splits:
        written = open_dataset(folder / "annotations" / f"instances_{split.name}.json").splits[0]
        source = dict(zip(split.annotations.ids.tolist(), split.source.records(split.annotations.spans), strict=True))
        records = written.source.records(written.annotations.spans)
        for annotation_id, record in zip(written.annotations.ids.tolist(), records, strict=True):
            assert record == source[annotation_id]
