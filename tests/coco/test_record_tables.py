"""The tables of the pages hold what the file says, a page at a time."""

from pathlib import Path

import pytest
from datasets import MakeDataset
from records import CATEGORIES, CUP, annotation, image, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.record_tables import DICTIONARIES, ROWS_PER_PAGE, row_count, rows
from cocomine.errors import CocomineError


@pytest.mark.parametrize(("dictionary", "count"), [*zip(DICTIONARIES, (1, 1, 3, 4, 6), strict=True)])
def test_each_sub_dictionary_has_as_many_rows_as_entries(four_images: Dataset, dictionary: str, count: int) -> None:
    (split,) = four_images.splits
    assert row_count(four_images, split, dictionary) == count
    assert len(rows(four_images, split, dictionary, 1)) == count


def test_info_is_told_field_by_field(four_images: Dataset) -> None:
    assert rows(four_images, four_images.splits[0], "info", 1) == [{"field": "year", "value": "2017"}]


@pytest.mark.parametrize("info", ["words", None, [1], 7])
def test_an_info_that_is_no_dictionary_is_shown_as_it_is(make_dataset: MakeDataset, info: object) -> None:
    dataset = make_dataset(info=info)
    assert rows(dataset, dataset.splits[0], "info", 1) == [{"field": "info", "value": str(info)}]


def test_licences_are_told_by_id_name_and_address(four_images: Dataset) -> None:
    expected = [{"id": 4, "name": "Attribution License", "url": "http://by/2.0/"}]
    assert rows(four_images, four_images.splits[0], "licenses", 1) == expected


def test_categories_come_in_the_order_of_the_file(four_images: Dataset) -> None:
    found = rows(four_images, four_images.splits[0], "categories", 1)
    assert [(row["id"], row["name"], row["supercategory"]) for row in found] == [
        (entry["id"], entry["name"], entry["supercategory"]) for entry in CATEGORIES
    ]


def test_an_image_is_told_with_the_number_of_its_annotations(four_images: Dataset) -> None:
    found = rows(four_images, four_images.splits[0], "images", 1)
    assert found[0] == {"id": 11, "file_name": "a.jpg", "width": 20, "height": 10, "license": 4, "annotations": 2}
    assert [row["annotations"] for row in found] == [2, 2, 2, 0]


def test_an_image_that_names_no_licence_has_none(make_dataset: MakeDataset) -> None:
    named, unnamed = image(1, license=0), image(2)
    unnamed.pop("license", None)
    dataset = make_dataset([named, unnamed], [])
    assert [row["license"] for row in rows(dataset, dataset.splits[0], "images", 1)] == [0, None]


def test_an_annotation_is_told_by_its_category_s_name_and_its_image_s_id(four_images: Dataset) -> None:
    assert rows(four_images, four_images.splits[0], "annotations", 1)[1] == {
        "id": 102,
        "image_id": 11,
        "category": "cup",
        "area (px)": 4.0,
        "bbox [x, y, width, height]": "4.0, 3.0, 2.0, 2.0",
        "iscrowd": 0,
    }


def test_pages_follow_each_other_without_gap_and_the_last_is_shorter(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(number) for number in range(ROWS_PER_PAGE + 3)], [], pictures=False)
    pages = [rows(dataset, dataset.splits[0], "images", page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [ROWS_PER_PAGE, 3, 0]
    assert [row["id"] for page in pages for row in page] == list(range(ROWS_PER_PAGE + 3))


def test_an_info_that_cannot_be_read_is_told_with_its_file(tmp_path: Path) -> None:
    path = write_split(tmp_path, {"images": [], "annotations": [], "categories": list(CATEGORIES)}, pictures=False)
    path.write_bytes(path.read_bytes()[:-1] + b', "info": {"words": "\xff"}}')
    dataset = open_dataset(path)
    with pytest.raises(CocomineError, match=r"instances_all2017\.json: 'info' cannot be read"):
        rows(dataset, dataset.splits[0], "info", 1)


def test_a_box_that_is_missing_is_shown_and_stops_nothing(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CUP, bbox=None, area=None)])
    (row,) = rows(dataset, dataset.splits[0], "annotations", 1)
    assert "nan" in row["bbox [x, y, width, height]"]
