"""One line per image: whose it is and under which licence."""

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset
from records import CAT, annotation, document, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.formats.attribution import attribution_csv, licence_counts_of
from cocomine.mining.selection.selection import Selection, select


def lines(dataset: Dataset, *classes: str) -> list[dict[str, str]]:
    text = attribution_csv(select(dataset, Selection(classes=classes)).parts)
    return list(csv.DictReader(io.StringIO(text)))


def one_image(make_dataset: MakeDataset, **more: Any) -> dict[str, str]:
    (line,) = lines(make_dataset([image(1, **more)], [annotation(1, 1, CAT)], pictures=False), "cat")
    return line


def test_each_image_of_the_subset_has_its_line(four_images: Dataset) -> None:
    assert [line["file"] for line in lines(four_images, "cat", "cup")] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_line_names_licence_and_origin(four_images: Dataset) -> None:
    assert lines(four_images, "cat")[0] == {
        "split": "all2017",
        "file": "a.jpg",
        "licence": "Attribution License",
        "licence_url": "http://by/2.0/",
        "flickr_url": "http://flickr/a",
        "coco_url": "",
    }


def test_no_licence_and_an_unknown_one_are_not_stated(four_images: Dataset) -> None:
    found = {line["file"]: line["licence"] for line in lines(four_images, "cat", "cup")}
    assert (found["b.jpg"], found["c.jpg"]) == ("not stated", "not stated")


@pytest.mark.parametrize("name", ['a,"b".jpg', "猫.jpg", "two\nlines.jpg"])
def test_an_odd_name_is_read_back_as_it_was(make_dataset: MakeDataset, name: str) -> None:
    assert one_image(make_dataset, file_name=name)["file"] == name


def test_a_number_that_is_none_beside_it_takes_no_origin_away(make_dataset: MakeDataset) -> None:
    assert one_image(make_dataset, flickr_url="http://flickr/a", score=math.nan)["flickr_url"] == "http://flickr/a"


@pytest.mark.parametrize("url", [None, 7, ["x"]])
def test_an_odd_origin_is_left_empty(make_dataset: MakeDataset, url: Any) -> None:
    assert one_image(make_dataset, flickr_url=url)["flickr_url"] == ""


def test_an_origin_in_another_encoding_is_left_empty(tmp_path: Path) -> None:
    value = document([image(1, flickr_url="für")], [annotation(1, 1, CAT)])
    (tmp_path / "val.json").write_bytes(json.dumps(value, ensure_ascii=False).encode("latin-1"))
    assert lines(open_dataset(tmp_path), "cat")[0]["flickr_url"] == ""


def test_an_empty_choice_gives_the_heading_alone(four_images: Dataset) -> None:
    assert attribution_csv(select(four_images, Selection()).parts).count("\n") == 1


def test_licences_are_counted_from_the_lines(four_images: Dataset) -> None:
    text = attribution_csv(select(four_images, Selection(classes=("cat", "cup"))).parts)
    counted = {each.name: (each.image_count, each.url) for each in licence_counts_of(text)}
    names = [line["licence"] for line in lines(four_images, "cat", "cup")]
    assert {name: count for name, (count, _) in counted.items()} == {name: names.count(name) for name in names}
    assert counted["Attribution License"][1] == "http://by/2.0/"


def test_another_table_is_no_attribution() -> None:
    with pytest.raises(ValueError, match="the columns split, file"):
        licence_counts_of("a,b\n1,2\n")


def test_licences_of_equally_many_images_stand_by_name_and_no_other_column_is_needed() -> None:
    found = licence_counts_of("licence,licence_url\nb,\na,http://2\na,http://1\nz,\nz,\n")
    assert [(each.name, each.url, each.image_count) for each in found] == [
        ("z", "", 2),
        ("a", "http://1", 1),
        ("a", "http://2", 1),
        ("b", "", 1),
    ]
