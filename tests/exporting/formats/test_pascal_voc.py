"""Pascal VOC's files by hand: boxes in whole pixels from 1, both ends included."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from datasets import MakeDataset, export_of
from hypothesis import given
from hypothesis import strategies as st
from records import CAT, annotation, category, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.size import Size
from cocomine.exporting.formats.pascal_voc import pixel_box
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.selection import Others, Selection

NATIVE = Size(10, 20)
NAN = float("nan")


def annotations_of(folder: Path, name: str) -> ET.Element:
    (path,) = (folder / "voc").rglob(f"{name}.xml")
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - we wrote it


def boxes(root: ET.Element) -> list[tuple[str | None, ...]]:
    return [
        (entry.findtext("name"), *(side.text for side in entry.findall("bndbox/*"))) for entry in root.findall("object")
    ]


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        ((2, 2, 6, 4), (3, 3, 8, 6)),
        ((0, 0, 20, 10), (1, 1, 20, 10)),
        ((0, 0, 1, 1), (1, 1, 1, 1)),
        ((0.5, 0.5, 1, 1), (1, 1, 2, 2)),
        ((1.9, 0.2, 0.1, 0.1), (2, 1, 2, 1)),
        ((0.7, 0, 0.1 + 0.2, 1), (1, 1, 1, 1)),
        ((2.9999996, 0, 3.0000008, 1), (4, 1, 6, 1)),  # less than a millionth of a pixel is none
        ((-3, -3, 5, 5), (1, 1, 2, 2)),
        ((18.5, 8.5, 50, 50), (19, 9, 20, 10)),
    ],
)
def test_a_box_ends_at_the_pixels_it_touches(box: Any, expected: tuple[int, ...]) -> None:
    assert pixel_box(box, NATIVE) == expected


@pytest.mark.parametrize(
    "box",
    [
        (20, 0, 5, 5),
        (0, 10, 5, 5),
        (-5, 0, 5, 5),
        (2, 2, 0, 4),
        (2, 2, 4, -1),
        (6, 2, -4, 4),
        (2, 2, -1, 4),
        (NAN,) * 4,
        (0, 0, float("inf"), 1),
        (1e308, 0, 1e308, 1),
    ],
)
def test_a_box_with_nothing_in_the_image_is_none(box: Any) -> None:
    assert pixel_box(box, NATIVE) is None


@given(st.integers(0, 19), st.integers(0, 9), st.integers(1, 20), st.integers(1, 10))
def test_a_reader_that_counts_from_1_gets_a_whole_box_back(left: int, top: int, width: int, height: int) -> None:
    found = pixel_box((left, top, width, height), Size(30, 40))
    assert found is not None
    xmin, ymin, xmax, ymax = found
    assert (xmin - 1, ymin - 1, xmax - xmin + 1, ymax - ymin + 1) == (left, top, width, height)


def test_a_file_has_the_fields_of_pascal_voc(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert [entry.tag for entry in root] == ["folder", "filename", "source", "size", "segmented", "object", "object"]
    assert [side.text for side in root.findall("size/*")] == ["20", "10", "3"]
    assert root.findtext("segmented") == "0"  # masks stand in no file of VOC's
    fields = [(entry.tag, entry.text) for entry in root.find("object") or [] if entry.tag != "bndbox"]
    assert fields == [("name", "cat"), ("pose", "Unspecified"), ("truncated", "0"), ("difficult", "0")]


def test_boxes_are_those_of_the_objects_by_hand(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert boxes(root) == [("cat", "3", "3", "8", "6"), ("cup", "5", "4", "6", "5")]


def test_the_picture_is_found_from_the_export_s_folder(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"))
    root = annotations_of(tmp_path, "a")
    assert (tmp_path / str(root.findtext("folder")) / str(root.findtext("filename"))).is_file()


def test_each_split_has_its_own_folder(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, formats=("coco", "voc"), division=Division(val_share=0.4))
    found = {path.relative_to(tmp_path).parent.as_posix() for path in tmp_path.rglob("*.xml")}
    assert found == {"voc/train/Annotations", "voc/val/Annotations"}


def test_a_crowd_region_has_no_box(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path, Selection(classes=("dog", "cat")), formats=("coco", "voc"))
    assert [entry[0] for entry in boxes(annotations_of(tmp_path, "b"))] == ["cat"]


@pytest.mark.parametrize(
    ("others", "names"),
    [
        (Others.BACKGROUND, ["cat"]),
        (Others.KEEP, ["cat", "cup"]),
        (Others.MERGE, ["cat", "other"]),
        (Others.IGNORE, ["cat"]),
    ],
)
def test_the_other_classes_follow_the_policy(
    four_images: Dataset, tmp_path: Path, others: Others, names: list[str]
) -> None:
    export_of(four_images, tmp_path, Selection(classes=("cat",), others=others), formats=("coco", "voc"))
    assert [entry[0] for entry in boxes(annotations_of(tmp_path, "a"))] == names


@pytest.mark.parametrize(("name", "read"), [("<tea> & 'cup'", None), ("Tasse à café", None), ("a\x01b", "a\ufffdb")])
def test_any_name_gives_a_file_that_can_be_read(
    make_dataset: MakeDataset, tmp_path: Path, name: str, read: str | None
) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT)], [category(CAT, name)])
    export_of(dataset, tmp_path / "export", Selection(classes=(name,)), formats=("coco", "voc"))
    assert boxes(annotations_of(tmp_path / "export", "1"))[0][0] == (read or name)
