"""A subset's COCO JSON holds the source's own bytes."""

import json
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CATEGORIES, CUP, annotation, category, document, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.coco import coco_json
from cocomine.mining.selection.selection import Mode, Others, Selection, select

KEEP_ALL = Selection(classes=("cat", "dog", "cup"), others=Others.KEEP)
LISTS = ("images", "annotations", "categories")
ODD_TEXT = """{ "annotations" : [
 {"image_id":1,"id":5, "category_id":17,"area":1.50e1,"bbox":[1,1.0,4.00,4], "note":"a\\u00e9 \\"},{ é",
  "segmentation":[[1,1,5,1,5,5]]} ,
 {"id":6,"image_id":2,"category_id":17,"score":0.1000} ] ,"info":{"x": [1,  2]},
 "images":[ {"id":1,"width":20,"height":10,"file_name":"a.jpg"},{"height":10,"width":20,"id":2,"file_name":"b.jpg"}],
 "categories":[{"name":"cat","id":17}],  "licenses": null}"""


def exported(dataset: Dataset, selection: Selection) -> bytes:
    (part,) = select(dataset, selection).parts
    return b"".join(coco_json(part, dataset, selection))


def test_records_are_the_source_s_byte_for_byte(tmp_path: Path) -> None:
    path = tmp_path / "odd.json"
    path.write_text(ODD_TEXT, encoding="utf-8")
    written = exported(open_dataset(path), Selection(classes=("cat",)))
    start, stop = ODD_TEXT.index('{"image_id"'), ODD_TEXT.index(" ,\n")
    assert ODD_TEXT[start:stop].encode() in written
    assert b'{"id":6,"image_id":2,"category_id":17,"score":0.1000}' in written
    assert json.loads(written) == json.loads(ODD_TEXT)


def test_all_classes_of_a_dataset_with_every_image_labelled_give_the_dataset_back(make_dataset: MakeDataset) -> None:
    value = document([image(1), image(2)], [annotation(5, 2, CUP), annotation(4, 1, CAT)])
    dataset = make_dataset(value["images"], value["annotations"])
    assert json.loads(exported(dataset, KEEP_ALL)) == value


@given(extra=st.dictionaries(st.text().map("x_".__add__), st.none() | st.floats(allow_nan=False, width=32) | st.text()))
def test_unknown_fields_come_along(tmp_path_factory: pytest.TempPathFactory, extra: dict[str, Any]) -> None:
    extra = {key: value for key, value in extra.items() if value not in (float("inf"), float("-inf"))}
    value = document([image(1) | extra], [annotation(5, 1, CAT) | extra], [CATEGORIES[0] | extra])
    dataset = open_dataset(write_split(tmp_path_factory.mktemp("extra"), value, pictures=False))
    assert json.loads(exported(dataset, Selection(classes=("cat",)))) == value


def test_images_and_annotations_keep_the_order_of_the_file(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cup", "cat"))))
    assert [record["id"] for record in value["images"]] == [11, 7, 42]
    assert [record["id"] for record in value["annotations"]] == [101, 102, 103, 105, 106]


def test_others_as_background_leave_their_categories_out(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cup",))))
    assert [record["name"] for record in value["categories"]] == ["cup"]
    assert {record["category_id"] for record in value["annotations"]} == {CUP}


@pytest.mark.parametrize("others", [Others.KEEP, Others.MERGE, Others.IGNORE])
def test_other_policies_write_what_the_label_maps_were_drawn_from(four_images: Dataset, others: Others) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cat",), others=others)))
    assert [record["name"] for record in value["categories"]] == ["cat", "dog", "cup"]
    assert [record["id"] for record in value["annotations"]] == [101, 102, 103, 104]


def test_an_empty_selection_is_a_valid_document_without_records(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection()))
    assert [value[key] for key in LISTS] == [[], [], []]


def test_missing_info_and_licences_become_empty_ones(tmp_path: Path) -> None:
    path = tmp_path / "bare.json"
    path.write_text(json.dumps({key: document()[key] for key in LISTS}))
    value = json.loads(exported(open_dataset(path), KEEP_ALL))
    assert (value["info"], value["licenses"]) == ({}, [])


def test_a_category_of_a_split_out_of_view_is_left_out(tmp_path: Path) -> None:
    write_split(tmp_path, document([], [], [*CATEGORIES, category(5, "bus")]), split="train", pictures=False)
    write_split(tmp_path, document(), split="val", pictures=False)
    value = json.loads(exported(open_dataset(tmp_path).with_splits(["val"]), KEEP_ALL))
    assert [record["name"] for record in value["categories"]] == ["cat", "dog", "cup"]


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("others", Others)
def test_a_written_subset_read_again_selects_itself(
    four_images: Dataset, tmp_path: Path, mode: Mode, others: Others
) -> None:
    selection = Selection(classes=("cat", "cup"), mode=mode, others=others)
    first = exported(four_images, selection)
    (tmp_path / "instances_again.json").write_bytes(first)
    assert exported(open_dataset(tmp_path), selection) == first


@pytest.mark.real
@pytest.mark.parametrize("others", [Others.BACKGROUND, Others.KEEP])
def test_real_records_occur_in_their_source_byte_for_byte(coco_folder: Path, tmp_path: Path, others: Others) -> None:
    dataset = open_dataset(coco_folder, splits=["val2017"])
    source = dataset.splits[0].source.path.read_bytes()
    by_id = {key: {record["id"]: record for record in json.loads(source)[key]} for key in LISTS}
    path = tmp_path / "subset.json"
    path.write_bytes(exported(dataset, Selection(classes=("cup", "dining table"), others=others)))
    value = json.loads(path.read_bytes())
    assert all(by_id[key][record["id"]] == record for key in LISTS for record in value[key])
    split, _ = read_split(path)
    spans = [*split.images.spans, *split.annotations.spans, *split.category_spans.values()]
    assert len(spans) == sum(len(value[key]) for key in LISTS)
    assert all(split.source.record(span) in source for span in spans)
