"""What must be seen in a label file has a least size; below it a file without it is no defect."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset, recipe_of
from PIL import Image
from records import CAT, CUP, DOG, Record, annotation, image, rectangle

from cocomine.exporting.label_file_checks import LabelCheck, planned_labels, yolo_text_path
from cocomine.exporting.planning.plan import plan_export
from cocomine.mining.selection.selection import Selection

SIDE = 32


def check_of(make: MakeDataset, box: tuple[float, ...], file_format: str, folder: str = "", **more: Any) -> LabelCheck:
    """The check of the one image, which a label map has pixel for pixel, or of its file in a folder."""
    dataset = make([image(1, width=SIDE, height=SIDE)], [annotation(1, 1, CAT, box, **more)], pictures=False)
    recipe = recipe_of(dataset, Selection(classes=("cat",)), size_px=SIDE, images="none", formats=("coco", file_format))
    return next(check for check in planned_labels(plan_export(dataset, recipe)) if folder in check.path)


@pytest.mark.parametrize(
    ("box", "flaws"),
    [((8, 8, 4, 4), ["without a class that must be seen in it"]), ((8, 8, 5, 3), [])],
)
def test_sixteen_pixels_of_a_label_map_must_be_seen(
    make_dataset: MakeDataset, tmp_path: Path, box: tuple[float, ...], flaws: list[str]
) -> None:
    Image.fromarray(np.zeros((SIDE, SIDE), dtype=np.uint8)).save(tmp_path / "1.png")
    assert check_of(make_dataset, box, "masks").flaws((tmp_path / "1.png").read_bytes()) == flaws


@pytest.mark.parametrize(
    ("box", "flaws"),
    [((8, 8, 4, 4), ["without a class that must be seen in it"]), ((8, 8, 5, 3), [])],
)
def test_sixteen_pixels_of_an_image_must_be_seen_in_its_mask_for_pascal_voc(
    make_dataset: MakeDataset, tmp_path: Path, box: tuple[float, ...], flaws: list[str]
) -> None:
    Image.fromarray(np.zeros((SIDE, SIDE), dtype=np.uint8)).save(tmp_path / "1.png")
    check = check_of(make_dataset, box, "voc", "SegmentationClass")
    assert check.flaws((tmp_path / "1.png").read_bytes()) == flaws


@pytest.mark.parametrize(
    ("box", "area", "mask"),
    [((8, 8, 4, 4), 15, (8, 8, 4, 4)), ((8, 8, 5, 3), 16, (8, 8, 4, 4)), ((8, 8, 4, 4), 16, (8, 8, 5, 3))],
    ids=["area", "box", "mask"],
)
@pytest.mark.parametrize(("file_format", "folder"), [("masks", "labels"), ("voc", "SegmentationClass")])
def test_an_object_that_area_box_or_mask_says_is_smaller_need_not_be_seen(
    make_dataset: MakeDataset,
    tmp_path: Path,
    box: tuple[float, ...],
    area: float,
    mask: tuple[float, ...],
    file_format: str,
    folder: str,
) -> None:
    Image.fromarray(np.zeros((SIDE, SIDE), dtype=np.uint8)).save(tmp_path / "1.png")
    check = check_of(make_dataset, box, file_format, folder, area=area, segmentation=[rectangle(*mask)])
    assert check.flaws((tmp_path / "1.png").read_bytes()) == []


def test_objects_of_a_class_that_lie_over_each_other_must_be_seen(make_dataset: MakeDataset, tmp_path: Path) -> None:
    Image.fromarray(np.zeros((SIDE, SIDE), dtype=np.uint8)).save(tmp_path / "1.png")
    records = [annotation(number, 1, CAT, (8, 8, 4, 4)) for number in (1, 2)]
    dataset = make_dataset([image(1, width=SIDE, height=SIDE)], records, pictures=False)
    recipe = recipe_of(dataset, Selection(classes=("cat",)), size_px=SIDE, images="none", formats=("coco", "masks"))
    (check,) = planned_labels(plan_export(dataset, recipe))
    assert check.flaws((tmp_path / "1.png").read_bytes()) == ["without a class that must be seen in it"]


@pytest.mark.parametrize(
    ("over", "flaws"),
    [
        (annotation(2, 1, DOG, (8, 8, 4, 4)), ["without a class that must be seen in it"]),
        (annotation(2, 1, CUP, (8, 8, 4, 4)), []),
        (annotation(2, 1, CUP, (8, 8, 4, 4), iscrowd=1), ["without a class that must be seen in it"]),
    ],
    ids=["not selected", "selected", "crowd"],
)
def test_only_objects_of_selected_classes_claim_the_pixels_of_another(
    make_dataset: MakeDataset, tmp_path: Path, over: Record, flaws: list[str]
) -> None:
    Image.fromarray(np.zeros((SIDE, SIDE), dtype=np.uint8)).save(tmp_path / "1.png")
    records = [annotation(1, 1, CAT, (8, 8, 4, 4)), over]
    dataset = make_dataset([image(1, width=SIDE, height=SIDE)], records, pictures=False)
    selection = Selection(classes=("cat", "cup"))
    recipe = recipe_of(dataset, selection, size_px=SIDE, images="none", formats=("coco", "masks"))
    (check,) = planned_labels(plan_export(dataset, recipe))
    assert check.flaws((tmp_path / "1.png").read_bytes()) == flaws


def test_only_the_last_suffix_of_an_image_is_replaced_by_that_of_its_text() -> None:
    assert yolo_text_path("/images/train/a.b.jpg") == "/labels/train/a.b.txt"


def test_a_label_map_with_its_object_has_no_flaw(make_dataset: MakeDataset, tmp_path: Path) -> None:
    values = np.zeros((SIDE, SIDE), dtype=np.uint8)
    values[8:12, 8:12] = 1
    Image.fromarray(values).save(tmp_path / "1.png")
    assert check_of(make_dataset, (8, 8, 4, 4), "masks").flaws((tmp_path / "1.png").read_bytes()) == []


@pytest.mark.parametrize("length", [0, 30, 60])
def test_a_label_map_that_is_damaged_is_told(make_dataset: MakeDataset, tmp_path: Path, length: int) -> None:
    Image.fromarray(np.arange(SIDE * SIDE, dtype=np.uint8).reshape(SIDE, SIDE)).save(tmp_path / "1.png")
    (tmp_path / "1.png").write_bytes((tmp_path / "1.png").read_bytes()[:length])
    assert check_of(make_dataset, (8, 8, 4, 4), "masks").flaws((tmp_path / "1.png").read_bytes()) == [
        "that cannot be read as an image"
    ]


@pytest.mark.parametrize(("height", "mode"), [(SIDE - 1, "L"), (SIDE, "I;16"), (SIDE, "RGB")])
def test_a_label_map_of_another_size_or_of_other_values_than_bytes_is_told(
    make_dataset: MakeDataset, tmp_path: Path, height: int, mode: str
) -> None:
    Image.new(mode, (SIDE, height)).save(tmp_path / "1.png")
    assert check_of(make_dataset, (8, 8, 4, 4), "masks").flaws((tmp_path / "1.png").read_bytes()) == [
        "not of 32 x 32 px"
    ]


@pytest.mark.parametrize(
    ("class_index", "flaws"),
    [
        ("0", []),
        ("1", ["with a class that data.yaml does not name"]),
        ("-1", ["with a class that data.yaml does not name"]),
    ],
)
def test_a_text_with_a_class_that_is_not_in_the_export_is_told(
    make_dataset: MakeDataset, tmp_path: Path, class_index: str, flaws: list[str]
) -> None:
    (tmp_path / "1.txt").write_text(f"{class_index} 0.25 0.25 0.5 0.25 0.5 0.5\n")
    assert check_of(make_dataset, (8, 8, 4, 4), "yolo").flaws((tmp_path / "1.txt").read_bytes()) == flaws


@pytest.mark.parametrize(("box", "flaws"), [((8, 8, 2, 2), ["with fewer lines than objects"]), ((8, 8, 3, 1), [])])
def test_four_pixels_of_an_image_must_have_an_outline(
    make_dataset: MakeDataset, tmp_path: Path, box: tuple[float, ...], flaws: list[str]
) -> None:
    (tmp_path / "1.txt").write_text("")
    assert check_of(make_dataset, box, "yolo").flaws((tmp_path / "1.txt").read_bytes()) == flaws


@pytest.mark.parametrize(
    ("box", "flaws"),
    [
        ((31, 8, 5, 5), ["with another number of objects"]),
        ((8, 31, 5, 5), ["with another number of objects"]),
        ((0, 8, 1, 5), ["with another number of objects"]),
        ((8, 0, 5, 1), ["with another number of objects"]),
        ((-4, 8, 5, 5), ["with another number of objects"]),
        ((31.1, 8, 5, 5), []),
        ((8, 31.1, 5, 5), []),
        ((-4, 8, 4.9, 5), []),
        ((8, -4, 5, 4.9), []),
    ],
)
def test_a_box_with_a_whole_pixel_inside_the_image_must_have_an_entry(
    make_dataset: MakeDataset, tmp_path: Path, box: tuple[float, ...], flaws: list[str]
) -> None:
    (tmp_path / "1.xml").write_text("<annotation/>")
    assert check_of(make_dataset, box, "voc").flaws((tmp_path / "1.xml").read_bytes()) == flaws
