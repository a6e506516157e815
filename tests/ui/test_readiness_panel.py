"""What speaks against training is said on the pages, beside the numbers that it is about."""

from pathlib import Path

import pytest
from apps import OpenApp, widget
from records import CAT, CUP, DOG, annotation, crowd, document, image, write_split
from streamlit.testing.v1 import AppTest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Cups are in training images alone, dogs there as a crowd; every class has 2 images at most."""
    root = tmp_path / "data"
    train = [annotation(1, 1, CAT), annotation(2, 2, CUP), annotation(3, 3, CUP), crowd(4, 3, DOG)]
    write_split(root, document([image(1), image(2), image(3)], train), split="train2017")
    val = [annotation(5, 4, CAT), annotation(6, 5, DOG)]
    write_split(root, document([image(4, "4.jpg"), image(5, "5.jpg")], val), split="val2017")
    return root


def told(app: AppTest) -> list[str]:
    mark = ":orange[:material/warning:] "
    found = [each.value for each in app.markdown if each.value.startswith(mark)]
    return [each.removeprefix(mark).replace("\\", "") for each in found]


def test_choose_names_classes_that_cannot_be_learnt_or_judged(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat,cup,dog")
    assert told(app) == [
        "dog has only crowd regions for training (train2017), no object.",
        "cup has no validation image (val2017).",
    ]


def test_choose_says_nothing_where_all_is_well(open_app: OpenApp, folder: Path) -> None:
    assert told(open_app("choose", data=str(folder), classes="cat")) == []


def test_a_minimum_is_a_check_that_takes_no_image_out(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cat")
    before = [metric.value for metric in app.metric]
    widget(app.number_input, "min_images").set_value(3).run()
    assert told(app) == ["cat has 2 images: you asked for at least 3 of each class."]
    assert [metric.value for metric in app.metric] == before


def test_two_counts_of_a_class_say_what_they_count(open_app: OpenApp, folder: Path) -> None:
    app = open_app("choose", data=str(folder), classes="cup")
    assert "cup · 2 images" in widget(app.multiselect, "included_classes").options
    assert "Objects per class" in [each.value for each in app.header]
