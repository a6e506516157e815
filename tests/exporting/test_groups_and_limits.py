"""What an export of grouped classes and of limited objects holds, in every format."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from datasets import MakeDataset, export_of, files_in, recipe_of
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from records import (
    CAT,
    CATEGORIES,
    CUP,
    DOG,
    FOUR_IMAGES_ANNOTATIONS,
    annotation,
    category,
    document,
    image,
    write_split,
)

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats import coco
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.reading import native_label_map, read_export
from cocomine.exporting.replay import dataset_of_recipe
from cocomine.exporting.writing import write_export
from cocomine.labels.table import IGNORED_LABEL
from cocomine.mining.selection.limits import Crowd, Limits
from cocomine.mining.selection.recipe import FORMATS, recipe_from_text, recipe_text
from cocomine.mining.selection.selection import Others, Selection

PETS = ClassGroup(name="pet", members=("dog", "cat"))
GROUPED = Selection(classes=("pet",), groups=(PETS,))
SMALL_OUT = Limits(min_area_px=5)


def coco_of(folder: Path) -> dict[str, Any]:
    value: dict[str, list[Any]] = {"images": [], "annotations": [], "categories": []}
    for path in sorted((folder / "annotations").glob("instances_*.json")):
        part = json.loads(path.read_bytes())
        value = {key: [*value[key], *part[key]] for key in value} | {"categories": part["categories"]}
    return value


@pytest.mark.parametrize("others", Others)
def test_a_group_is_one_class_in_every_format(four_images: Dataset, tmp_path: Path, others: Others) -> None:
    manifest = export_of(four_images, tmp_path / "out", replace(GROUPED, others=others), formats=FORMATS)
    assert (manifest["is_complete"], manifest["defects"]) == (True, [])
    value = coco_of(tmp_path / "out")
    assert value["categories"][0] == {"id": DOG, "name": "pet", "supercategory": "animal"}
    of_pets = {record["id"] for record in value["annotations"] if record["category_id"] == DOG}
    assert of_pets == {101, 103, 104}
    mined = json.loads((tmp_path / "out" / "mined.json").read_bytes())
    entries = [entry for images in mined.values() for found in images.values() for entry in found]
    assert {
        entry["annotation_id"] for entry in entries if (entry["category_id"], entry["class"]) == (DOG, "pet")
    } == of_pets
    labels = json.loads((tmp_path / "out" / "labels.json").read_bytes())["labels"]
    assert [(label["name"], label["category_ids"]) for label in labels][:2] == [("background", []), ("pet", [DOG])]
    assert yaml.safe_load((tmp_path / "out" / "yolo" / "data.yaml").read_text())["names"][0] == "pet"
    lines = Counter(
        line.split()[0]
        for path in (tmp_path / "out" / "labels").rglob("*.txt")
        for line in path.read_text().splitlines()
    )
    assert lines["0"] == 2  # the crowd region has no line
    assert manifest["splits"][0]["instance_counts"].keys() == {"pet"}


def test_the_id_map_names_the_categories_of_the_source(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "out", GROUPED)
    source = [{"id": DOG, "name": "dog"}, {"id": CAT, "name": "cat"}]
    assert json.loads((tmp_path / "out" / "id_map.json").read_bytes()) == {
        "groups": [{"id": DOG, "name": "pet", "source": source}]
    }
    assert "Grouped classes: pet (dog and cat)." in (tmp_path / "out" / "README.md").read_text()


def test_without_groups_there_is_no_id_map(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "out")
    assert not (tmp_path / "out" / "id_map.json").exists()


@settings(max_examples=12)
@given(extra=st.dictionaries(st.text(max_size=4).map("x_".__add__), st.none() | st.integers() | st.text()))
def test_records_of_members_differ_in_their_category_id_alone(
    tmp_path_factory: pytest.TempPathFactory, extra: dict[str, Any]
) -> None:
    nested = {"note": {"category_id": 5}, "text": '"category_id": 6'} | extra
    value = document(annotations=[each | nested for each in FOUR_IMAGES_ANNOTATIONS])
    folder = tmp_path_factory.mktemp("grouped")
    dataset = open_dataset(write_split(folder / "data", value))
    manifest = export_of(dataset, folder / "out", replace(GROUPED, others=Others.KEEP), images="none")
    assert manifest["defects"] == []
    source = {record["id"]: record for record in value["annotations"]}
    raw = {int(span_id): record for span_id, record in _raw_records(dataset.splits[0])}
    for path in (folder / "out" / "annotations").glob("*.json"):
        for annotation_id, record in _raw_records(read_split(path)[0]):
            if source[annotation_id]["category_id"] == CAT:
                assert json.loads(record) == source[annotation_id] | {"category_id": DOG}
            else:
                assert record == raw[annotation_id]


def _raw_records(split: Any) -> list[tuple[int, bytes]]:
    return list(zip(split.annotations.ids.tolist(), split.source.records(split.annotations.spans), strict=True))


def test_a_renamed_class_keeps_its_id_its_records_and_all_else_the_file_says_of_it(
    make_dataset: MakeDataset, tmp_path: Path
) -> None:
    dataset = make_dataset(categories=[*CATEGORIES[:2], category(CUP, "cup") | {"frequency": "r", "synonyms": ["mug"]}])
    renamed = Selection(classes=("mug",), groups=(ClassGroup(name="mug", members=("cup",)),))
    export_of(dataset, tmp_path / "out", renamed)
    value = coco_of(tmp_path / "out")
    assert value["categories"] == [category(CUP, "mug") | {"frequency": "r", "synonyms": ["mug"]}]
    cups = [record for record in FOUR_IMAGES_ANNOTATIONS if record["category_id"] == CUP]
    assert sorted(value["annotations"], key=lambda record: record["id"]) == cups


def test_a_record_that_kept_the_id_of_its_member_is_a_defect(
    four_images: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coco, "with_category_id", lambda record, _: record)
    manifest = export_of(four_images, tmp_path / "out", GROUPED)
    assert any(defect.startswith("COCO files") for defect in manifest["defects"])


@pytest.mark.parametrize("others", Others)
def test_a_recipe_of_groups_and_limits_gives_the_same_folder_again(
    four_images: Dataset, tmp_path: Path, others: Others
) -> None:
    limits = Limits(min_area_px=5, crowd=Crowd.IGNORE, cap=2, negatives=0.4, seed=3)
    selection = Selection(classes=("pet", "cup"), groups=(PETS,), others=others, limits=limits)
    recipe = recipe_of(four_images, selection, formats=FORMATS)
    write_export(plan_export(four_images, recipe), tmp_path / "once")
    read = recipe_from_text((tmp_path / "once" / "recipe.yaml").read_text(encoding="utf-8"))
    assert (read, recipe_text(read)) == (recipe, recipe_text(recipe))
    write_export(plan_export(dataset_of_recipe(read, path=four_images.path), read), tmp_path / "again")
    assert files_in(tmp_path / "once") == files_in(tmp_path / "again")


def values_of(folder: Path, name: str) -> Any:
    (path,) = (folder / "labels").rglob(f"{name}.png")
    with Image.open(path) as opened:
        return np.asarray(opened)


@pytest.mark.parametrize(
    ("others", "value"), [(Others.BACKGROUND, 0), (Others.KEEP, 0), (Others.MERGE, 0), (Others.IGNORE, IGNORED_LABEL)]
)
def test_pixels_of_what_is_left_out_are_background_or_ignored_as_those_of_other_classes(
    make_dataset: MakeDataset, tmp_path: Path, others: Others, value: int
) -> None:
    boxes = [annotation(1, 1, CAT, (0, 0, 8, 8)), annotation(2, 1, CAT, (12, 2, 2, 2)), annotation(3, 2, CAT)]
    dataset = make_dataset([image(1), image(2)], [*boxes, annotation(4, 1, DOG, (16, 6, 2, 2))])
    selection = Selection(classes=("cat",), others=others, limits=SMALL_OUT)
    manifest = export_of(dataset, tmp_path / "out", selection, formats=FORMATS, size_px=40)
    assert manifest["defects"] == []
    written = values_of(tmp_path / "out", "1")
    assert (written[12, 25], written[4, 4], written[28, 34]) == (value, 1, value)
    kept = {record["id"] for record in coco_of(tmp_path / "out")["annotations"]}
    assert kept == {1, 3}
    export = read_export(tmp_path / "out")
    (native,) = (native_label_map(split, 1) for split in export.splits if 1 in split.split.images.ids.tolist())
    assert (native[3, 12], native[3, 3], native[7, 16]) == (value, 1, value)
    (text,) = (path for path in (tmp_path / "out" / "labels").rglob("1.txt"))
    assert len(text.read_text().splitlines()) == 1


def test_crowd_regions_left_out_are_background_or_ignored(four_images: Dataset, tmp_path: Path) -> None:
    limits = Limits(crowd=Crowd.IGNORE)
    for others, value in ((Others.BACKGROUND, 0), (Others.IGNORE, IGNORED_LABEL)):
        selection = Selection(classes=("cat", "dog"), others=others, limits=limits)
        manifest = export_of(four_images, tmp_path / others, selection, size_px=40)
        assert manifest["defects"] == []
        assert values_of(tmp_path / others, "b")[2, 38] == value
        assert 104 not in {record["id"] for record in coco_of(tmp_path / others)["annotations"]}


def test_negative_images_are_written_without_an_annotation(four_images: Dataset, tmp_path: Path) -> None:
    selection = Selection(classes=("cup",), limits=Limits(negatives=0.3))
    manifest = export_of(four_images, tmp_path / "out", selection, formats=FORMATS)
    assert manifest["defects"] == []
    value = coco_of(tmp_path / "out")
    annotated = {record["image_id"] for record in value["annotations"]}
    assert annotated == {11, 42}
    assert len(value["images"]) == 3
    assert "30 % of the images of each split" in (tmp_path / "out" / "README.md").read_text()
