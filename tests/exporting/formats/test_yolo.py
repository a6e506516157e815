"""YOLO's files by hand: one line per object, in shares of the image, where YOLO looks for them."""

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from datasets import export_of
from records import CAT, CUP, DOG, rectangle

from cocomine.coco.dataset import Dataset
from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.formats.yolo import losses_sentence, yolo_boxes, yolo_data, yolo_labels
from cocomine.exporting.formats.yolo_outlines import Outlining
from cocomine.labels.table import LabelTable, label_table
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.selection import Others, Selection

NATIVE = Size(10, 20)
NOTHING = (float("nan"),) * 4
RLE = {"size": [10, 20], "counts": [0, 200]}


def shape(category_id: int, segmentation: Any, **more: Any) -> Shape:
    fields: dict[str, Any] = {"is_crowd": False, "area_px": 1.0, "box_xywh": NOTHING, "annotation_id": 1}
    fields["has_mask"] = True
    return Shape(category_id=category_id, category_index=0, segmentation=segmentation, **(fields | more))


@pytest.fixture
def table(four_images: Dataset) -> LabelTable:
    """Cups are class 0 and cats class 1; dogs are not picked."""
    return label_table(four_images, Selection(classes=("cup", "cat")))


def lines(table: LabelTable, *shapes: Shape) -> list[str]:
    return yolo_labels(shapes, table, native=NATIVE).text.splitlines()


def test_a_polygon_is_written_in_shares_of_width_and_height(table: LabelTable) -> None:
    (line,) = lines(table, shape(CUP, [rectangle(2, 2, 6, 4)]))
    assert line == "0 0.1 0.2 0.4 0.2 0.4 0.6 0.1 0.6"


def test_objects_keep_the_order_of_the_file_and_the_class_order_of_the_choice(table: LabelTable) -> None:
    polygon = [rectangle(0, 0, 10, 10)]
    found = lines(table, shape(CAT, polygon), shape(CUP, polygon), shape(CAT, polygon))
    assert [line.split()[0] for line in found] == ["1", "0", "1"]


def test_two_parts_are_one_line_over_the_bridge_between_their_nearest_points(table: LabelTable) -> None:
    parts = [rectangle(100, 100, 300, 300), rectangle(1000, 200, 400, 400)]
    (line,) = yolo_labels([shape(CUP, parts)], table, native=Size(1000, 2000)).text.splitlines()
    points = [(1, 1), (4, 1), (10, 2), (14, 2), (14, 6), (10, 6), (10, 2), (4, 1), (4, 4), (1, 4)]
    assert [float(value) for value in line.split()[1:]] == [value for x, y in points for value in (x / 20, y / 10)]


MISFIT = {"size": [9, 9], "counts": [0, 81]}


@pytest.mark.parametrize("segmentation", [MISFIT, None, [], [[1, 1, 2, 2]]])
def test_an_object_without_a_mask_is_the_outline_of_its_box(table: LabelTable, segmentation: Any) -> None:
    (line,) = lines(table, shape(CUP, segmentation, box_xywh=(2, 2, 6, 4)))
    assert line == "0 0.1 0.2 0.4 0.2 0.4 0.6 0.1 0.6"


@pytest.mark.parametrize("box", [NOTHING, (2, 2, 0, 4), (2, 2, 6, -1), (30, 0, 5, 5), (0, -9, 5, 5)])
def test_an_object_with_nothing_in_the_image_has_no_line(
    table: LabelTable, box: tuple[float, float, float, float]
) -> None:
    assert lines(table, shape(CUP, None, box_xywh=box)) == []


def test_a_run_length_code_is_the_outline_of_its_mask(table: LabelTable) -> None:
    code = {"size": [10, 20], "counts": [24, 4, 6, 4, 162]}  # columns 2 and 3, rows 4 to 7
    (line,) = lines(table, shape(CUP, code, box_xywh=(0, 0, 20, 10)))
    points = np.reshape([float(value) for value in line.split()[1:]], (-1, 2)) * NATIVE.xy
    assert sorted(map(tuple, points.round(6).tolist())) == [(2.25, 4.25), (2.25, 7.75), (3.75, 4.25), (3.75, 7.75)]


def test_each_annotation_is_counted_by_what_became_of_it(four_images: Dataset) -> None:
    table = label_table(four_images, Selection(classes=("cup", "cat"), others=Others.IGNORE))
    square = rectangle(20, 20, 400, 400)
    shapes = [
        shape(CUP, [square]),
        shape(CUP, [rectangle(-500, 500, 3000, 3000)]),
        shape(CAT, [square, rectangle(1200, 20, 400, 400)]),
        shape(CAT, [square, square]),
        shape(CAT, {"size": [1000, 2000], "counts": [0, 2_000_000]}),
        shape(CUP, None, box_xywh=(2, 2, 6, 4)),
        shape(CUP, None),
        shape(CUP, RLE, is_crowd=True),
        shape(DOG, [square]),
    ]
    counts = yolo_labels(shapes, table, native=Size(1000, 2000)).outlinings
    assert counts == dict.fromkeys(Outlining, 1) | {Outlining.TRACED: 2}


def test_annotations_that_are_not_in_the_export_are_not_counted(table: LabelTable) -> None:
    assert yolo_labels([shape(DOG, None), shape(DOG, RLE, is_crowd=True)], table, native=NATIVE).outlinings == {}


def test_what_is_not_as_in_the_annotations_is_said_with_its_number() -> None:
    assert losses_sentence({"as_written": 9, "cut": 2}) == ""
    told = losses_sentence({"as_written": 9, "joined": 1200, "box": 3, "crowd": 1})
    assert told == (
        "YOLO outlines, objects: 1,200 in several parts, joined by lines; "
        "3 without a mask, so the outline of their box; 1 left out as crowd regions."
    )


def test_what_reaches_beyond_the_image_is_cut_off(table: LabelTable) -> None:
    (line,) = lines(table, shape(CUP, [rectangle(-5, 5, 30, 30)]))
    points = np.reshape([float(value) for value in line.split()[1:]], (-1, 2))
    assert sorted(map(tuple, points.tolist())) == [(0, 0.5), (0, 1), (1, 0.5), (1, 1)]


def test_a_polygon_outside_the_image_has_no_line(table: LabelTable) -> None:
    assert lines(table, shape(CUP, [rectangle(25, 2, 5, 5)])) == []


def test_an_object_that_is_not_picked_hides_none_that_comes_after_it(table: LabelTable) -> None:
    polygon = [rectangle(0, 0, 10, 10)]
    found = lines(table, shape(CUP, polygon), shape(DOG, polygon), shape(CAT, polygon))
    assert [line.split()[0] for line in found] == ["0", "1"]


def test_a_crowd_region_has_no_line(table: LabelTable) -> None:
    assert lines(table, shape(CUP, RLE, is_crowd=True, box_xywh=(0, 0, 5, 5))) == []


@pytest.mark.parametrize(
    ("others", "classes", "names"),
    [
        (Others.BACKGROUND, ["0"], {0: "cat"}),
        (Others.KEEP, ["0", "1", "2"], {0: "cat", 1: "dog", 2: "cup"}),
        (Others.MERGE, ["0", "1", "1"], {0: "cat", 1: "other"}),
        (Others.IGNORE, ["0"], {0: "cat"}),
    ],
)
def test_the_other_classes_follow_the_policy(
    four_images: Dataset, others: Others, classes: list[str], names: dict[int, str]
) -> None:
    table = label_table(four_images, Selection(classes=("cat",), others=others))
    polygon = [rectangle(0, 0, 10, 10)]
    found = lines(table, *(shape(category, polygon) for category in (CAT, DOG, CUP)))
    assert [line.split()[0] for line in found] == classes
    assert yaml.safe_load(yolo_data({"train": SplitRole.TRAIN}, table))["names"] == names


def test_each_use_names_its_pictures_from_the_data_file_s_own_folder(table: LabelTable) -> None:
    names = ("train2017", "val2017", "night", "medieval")
    roles = dict(zip(names, [*SplitRole, None], strict=True))
    value = yaml.safe_load(yolo_data(roles, table))
    assert value == {
        "train": ["../images/train2017"],
        "val": ["../images/val2017"],
        "test": ["../images/night"],
        "names": {0: "cup", 1: "cat"},
    }


@pytest.mark.parametrize("role", [SplitRole.TRAIN, SplitRole.VAL])
def test_without_training_or_validation_the_other_stands_in_and_it_is_said(table: LabelTable, role: SplitRole) -> None:
    text = yolo_data({"night": role}, table)
    value = yaml.safe_load(text)
    assert list(value) == ["train", "val", "names"]
    assert value["train"] == value["val"] == ["../images/night"]
    assert "Divide the images anew" in text


def test_a_test_part_stands_in_for_nothing(table: LabelTable) -> None:
    assert list(yaml.safe_load(yolo_data({"night": SplitRole.TEST}, table))) == ["test", "names"]


def test_boxes_are_the_objects_centres_and_sides_in_shares_of_the_image(table: LabelTable) -> None:
    shapes = [
        shape(CUP, [rectangle(2, 2, 6, 4)], box_xywh=(2, 2, 6, 4)),
        shape(CAT, None, box_xywh=(-5, 5, 30, 30)),
        shape(CAT, [rectangle(10, 2, 4, 2)]),  # no box in the file
        shape(CUP, None),
        shape(CUP, RLE, is_crowd=True, box_xywh=(0, 0, 5, 5)),
    ]
    labels = yolo_boxes(shapes, table, native=NATIVE)
    assert labels.text == "0 0.25 0.4 0.3 0.4\n1 0.5 0.75 1 0.5\n1 0.6 0.3 0.2 0.2\n"
    assert labels.outlinings == {Outlining.BOX: 3, Outlining.NOTHING: 1, Outlining.CROWD: 1}


def test_the_data_file_says_its_rules(table: LabelTable) -> None:
    head = yolo_data({"train": SplitRole.TRAIN}, table)
    assert "An object in several parts is one outline" in head
    assert "Crowd regions and ignored classes are left out" in head


def test_each_picture_s_lines_are_where_yolo_looks_for_them(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "masks", "yolo"), division=Division(val_share=0.4))
    data = yaml.safe_load((tmp_path / "yolo" / "data.yaml").read_text(encoding="utf-8"))
    pictures = [
        picture
        for use in ("train", "val")
        for place in data[use]
        for picture in (tmp_path / "yolo" / place).resolve().iterdir()
    ]
    assert len(pictures) == 3
    for picture in pictures:
        # Ultralytics' own rule: the last /images/ of the path becomes /labels/, and the suffix .txt
        label = "/labels/".join(str(picture).replace(os.sep, "/").rsplit("/images/", 1)).rsplit(".", 1)[0] + ".txt"
        assert Path(label).is_file()


def test_an_export_holds_the_lines_of_its_images(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "yolo"))
    (path,) = (tmp_path / "labels").rglob("a.txt")
    assert path.read_text(encoding="utf-8") == "0 0.1 0.2 0.4 0.2 0.4 0.6 0.1 0.6\n1 0.2 0.3 0.3 0.3 0.3 0.5 0.2 0.5\n"


def test_an_image_without_a_line_has_an_empty_file(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("dog",)), formats=("coco", "yolo"))
    (path,) = (tmp_path / "labels").rglob("b.txt")  # it holds a crowd of dogs alone
    assert path.read_bytes() == b""
