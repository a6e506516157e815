"""A subset's COCO JSON holds the source's own bytes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, CATEGORIES, CUP, annotation, category, document, image, write_split

from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.coco import coco_json, ignored_json, with_category_id
from cocomine.labels.table import class_table
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
    return b"".join(coco_json(part, dataset, class_table(dataset, selection)))


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


@pytest.mark.parametrize("lacking", [{}, {"file_name": None}, {"file_name": ""}])
def test_an_image_without_a_name_gets_that_of_its_address(make_dataset: MakeDataset, lacking: dict[str, Any]) -> None:
    bare = {"id": 1, "coco_url": "http://x/train2017/7.jpg", "width": 20, "height": 10} | lacking
    dataset = make_dataset([bare], [annotation(5, 1, CAT)], pictures=False)
    (record,) = json.loads(exported(dataset, Selection(classes=("cat",))))["images"]
    assert record == bare | {"file_name": "7.jpg"}


def test_images_and_annotations_keep_the_order_of_the_file(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cup", "cat"))))
    assert [record["id"] for record in value["images"]] == [11, 7, 42]
    assert [record["id"] for record in value["annotations"]] == [101, 102, 103, 105, 106]


def test_others_as_background_leave_their_categories_out(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cup",))))
    assert [record["name"] for record in value["categories"]] == ["cup"]
    assert {record["category_id"] for record in value["annotations"]} == {CUP}


def test_others_that_are_kept_follow_with_their_categories(four_images: Dataset) -> None:
    value = json.loads(exported(four_images, Selection(classes=("cup",), others=Others.KEEP)))
    assert [record["name"] for record in value["categories"]] == ["cup", "cat", "dog"]
    assert [record["id"] for record in value["annotations"]] == [101, 102, 105, 106]


def test_others_that_are_merged_differ_in_their_category_alone(four_images: Dataset) -> None:
    written = exported(four_images, Selection(classes=("cat",), others=Others.MERGE))
    value = json.loads(written)
    merged = CUP + 1  # CUP is the largest
    assert [(each["id"], each["name"]) for each in value["categories"]] == [(CAT, "cat"), (merged, "other")]
    kept = exported(four_images, Selection(classes=("cat",), others=Others.KEEP))
    found = {each["id"]: each for each in json.loads(kept)["annotations"]}
    for each in value["annotations"]:
        source = found[each["id"]]
        assert each == source | {"category_id": CAT if source["category_id"] == CAT else merged}
    assert len(found) == len(value["annotations"]) == 4


def test_others_that_are_ignored_are_in_a_file_of_their_own(four_images: Dataset) -> None:
    selection = Selection(classes=("cat",), others=Others.IGNORE)
    assert exported(four_images, selection) == exported(four_images, Selection(classes=("cat",)))
    (part,) = select(four_images, selection).parts
    value = json.loads(b"".join(ignored_json(part, four_images, class_table(four_images, selection))))
    assert [each["id"] for each in value["images"]] == [11, 7]
    assert [each["id"] for each in value["annotations"]] == [102, 104]
    assert [each["name"] for each in value["categories"]] == ["dog", "cup"]


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (b'{"id":1,"category_id": 17 ,"a":2}', b'{"id":1,"category_id": 91 ,"a":2}'),
        (b'{"category_id":17}', b'{"category_id":91}'),
        (b'{"x":{"category_id":5},"category_id":1.7e1}', b'{"x":{"category_id":5},"category_id":91}'),
        (b'{"y":[{"category_id":5}],"category_id":17}', b'{"y":[{"category_id":5}],"category_id":91}'),
        (b'{"n":"\\"category_id\\": 5 {","category_id":17}', b'{"n":"\\"category_id\\": 5 {","category_id":91}'),
        (b'{"n":"category_id","category_id" :17,"m":NaN}', b'{"n":"category_id","category_id" :91,"m":NaN}'),
        (b'{"category_id":"17","n":1.50}', b'{"category_id":91,"n":1.50}'),
    ],
)
def test_only_the_annotation_s_own_category_is_another(record: bytes, expected: bytes) -> None:
    assert with_category_id(record, 91) == expected


@given(ids=st.sets(st.integers(-5, 2**40), min_size=2, max_size=8))
def test_the_merged_category_has_an_id_of_no_other(ids: set[int]) -> None:
    categories = tuple(Category(category_id=each, name=f"c{each}", supercategory="") for each in sorted(ids))
    dataset = Dataset(path=Path("drawn"), categories=categories, splits=())
    table = class_table(dataset, Selection(classes=(dataset.category_names[0],), others=Others.MERGE))
    assert table.merged_category_id not in ids


def test_beyond_what_other_programs_can_hold_the_first_free_id_is_taken(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([], [], [category(1, "cat"), category(2**31 - 1, "dog")])
    assert class_table(dataset, Selection(classes=("cat",), others=Others.MERGE)).merged_category_id == 2


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
    again = replace(selection, others=Others.KEEP) if others is Others.MERGE else selection  # "other" is a class now
    assert exported(open_dataset(tmp_path), again) == first


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
