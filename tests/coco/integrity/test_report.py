"""What is odd is listed, and stops nothing; what is sound is not listed."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import example, given
from hypothesis import strategies as st
from records import (
    CAT,
    CATEGORIES,
    CUP,
    FOUR_IMAGES_ANNOTATIONS,
    HEIGHT,
    WIDTH,
    annotation,
    category,
    crowd,
    document,
    image,
    rectangle,
    write_split,
)

from cocomine.coco.dataset import Dataset
from cocomine.coco.findings import Finding
from cocomine.coco.flaws import FLAWS, Severity
from cocomine.coco.integrity.image_files import IMAGE_FLAW_CODES
from cocomine.coco.integrity.images import SURELY_SOUND
from cocomine.coco.integrity.report import file_report, integrity_report, record_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.system.file_names import is_portable, name_flaw

ONE_CLASS = CATEGORIES[:1]
BEFORE = annotation(100, 1, CAT, (9, 5, 6, 4))
"""A sound annotation beside the odd one."""
EMPTY = {"size": [HEIGHT, WIDTH], "counts": [HEIGHT * WIDTH]}
BEYOND: dict[str, Any] = {"area": 90, "segmentation": [[1, 1, 25, 1, 1, 9]]}
OVERLAPPING: dict[str, Any] = {"area": 48, "segmentation": [rectangle(1, 1, 6, 6), rectangle(5, 1, 4, 6)]}
RECORDS: dict[str, dict[str, Any]] = {
    "long_member": {"info": {"text": "x" * (1 << 20)}},
    "not_strict_json": {"annotations": [BEFORE, annotation(1, 1, CAT, score=math.nan)]},
    "whole_with_fraction": {"images": [image(1.0)]},
    "unused_category": {"categories": [*ONE_CLASS, category(5, "nothing")]},
    "category_id_zero": {"categories": [category(0, "cat")], "annotations": [annotation(1, 1, 0)]},
    "image_without_annotations": {"images": [image(1), image(2)]},
    "unknown_licence": {"images": [image(1, license=99)]},
    "duplicate_file_name": {
        "images": [image(1, "a.jpg"), image(2, "a.jpg")],
        "annotations": [annotation(1, 1, CAT), annotation(2, 2, CAT)],
    },
    "duplicate_file_stem": {
        "images": [image(1, "a.jpg"), image(2, "a.png")],
        "annotations": [annotation(1, 1, CAT), annotation(2, 2, CAT)],
    },
    "unknown_image": {"annotations": [BEFORE, annotation(1, 12345, CAT)]},
    "unknown_category": {"annotations": [BEFORE, annotation(1, 1, 12345)]},
    "duplicate_annotation_id": {"annotations": [annotation(1, 1, CAT), annotation(1, 1, CAT, (9, 5, 6, 4))]},
    "annotation_without_mask": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation=[])]},
    "rle_misfit": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation={"size": [5, 5], "counts": [20, 5]})]},
    "category_name_blanks": {"categories": [category(CAT, "cat ")]},
    "twin_category": {"categories": [category(5, "cat"), *ONE_CLASS]},
    "file_names_alike": {
        "images": [image(1, "a/x.jpg"), image(2, "A/x.jpg")],
        "annotations": [annotation(1, 1, CAT), annotation(2, 2, CAT)],
    },
    "boxes_are_shares": {"annotations": [annotation(1, 1, CAT, (0.5, 0.25, 0.25, 0.5))]},
    "area_zero": {"annotations": [BEFORE, annotation(1, 1, CAT, area=0)]},
    "missing_area": {"annotations": [BEFORE, annotation(1, 1, CAT, area=None)]},
    "rle_broken": {
        "annotations": [BEFORE, annotation(1, 1, CAT, segmentation={"size": [HEIGHT, WIDTH], "counts": [7]})]
    },
    "rle_as_bytes": {
        "annotations": [BEFORE, annotation(1, 1, CAT, segmentation={"size": [HEIGHT, WIDTH], "counts": "b'X6'"})]
    },
    "flat_polygon": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation=rectangle(1, 1, 4, 4))]},
    "unreadable_mask": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation=["1", "2", "3", "4", "5", "6"])]},
    "odd_polygon": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation=[rectangle(1, 1, 4, 4), [1, 1, 4, 4]])]},
    "crowd_region": {"annotations": [BEFORE, crowd(1, 1, CAT)]},
    "crowd_without_mask": {"annotations": [BEFORE, crowd(1, 1, CAT) | {"segmentation": []}]},
    "missing_box": {"annotations": [BEFORE, annotation(1, 1, CAT, bbox=None)]},
    "empty_box": {
        "annotations": [BEFORE, annotation(1, 1, CAT, (3, 3, 0, 4), segmentation=[rectangle(3, 3, 2, 4)], area=8)]
    },
    "box_beyond_image": {"annotations": [BEFORE, annotation(1, 1, CAT, (-2, 0, 5, 5))]},
    "boxes_look_like_xyxy": {
        "annotations": [annotation(1, 1, CAT, (9, 5, 15, 9)), annotation(2, 1, CAT, (1, 1, 5, 5))]
    },
    "area_beyond_box": {"annotations": [BEFORE, annotation(1, 1, CAT, (1, 1, 4, 4), area=37)]},
    "empty_mask": {"annotations": [BEFORE, annotation(1, 1, CAT, segmentation=EMPTY)]},
    "area_unlike_mask": {"annotations": [BEFORE, annotation(1, 1, CAT, (1, 1, 4, 4), area=3)]},
    "polygon_beyond_image": {"annotations": [BEFORE, annotation(1, 1, CAT, (1, 1, 19, 8), **BEYOND)]},
    "parts_overlap": {"annotations": [BEFORE, annotation(1, 1, CAT, (1, 1, 8, 6), **OVERLAPPING)]},
    "duplicate_object": {"annotations": [annotation(1, 1, CAT), annotation(2, 1, CAT, (1, 1, 4, 4.1))]},
    "vanishes_at_128px": {"annotations": [BEFORE, annotation(1, 1, CAT, (3, 3, 0.1, 0.1))]},
}
"""What differs from one sound image with one sound annotation, for each code of the records."""
ELSEWHERE = {"file_skipped", "unsafe_file_name", "unportable_file_name", "not_a_number", "no_image_folder"}
ELSEWHERE |= {"image_file_missing", "image_leads_out", "image_respelled", "leak_between_splits", *IMAGE_FLAW_CODES}
"""Codes that no record alone shows; further below, in `test_leaks` and in `test_picture_checks`."""

ELSEWHERE |= {"several_image_folders", "crowd_only", "images_at_address", "nothing_known", "no_image"}
NOT_IN_IMAGES = {"unused_category", "category_id_zero", "unknown_image", "unknown_category"}
NOT_IN_IMAGES |= {"category_name_blanks", "twin_category", "missing_area"}
NOT_IN_IMAGES |= {"long_member", "not_strict_json", "whole_with_fraction"}


def sound(make_dataset: MakeDataset, **more: Any) -> Dataset:
    fields: dict[str, Any] = {"images": [image(1)], "annotations": [annotation(1, 1, CAT)], "categories": ONE_CLASS}
    return make_dataset(**(fields | more))


def codes_of(dataset: Dataset) -> list[str]:
    return [each.code for each in integrity_report(dataset)]


def found(dataset: Dataset, code: str) -> Finding:
    (only,) = [each for each in integrity_report(dataset) if each.code == code]
    return only


def test_every_code_has_its_case() -> None:
    assert RECORDS.keys() | ELSEWHERE == FLAWS.keys()


def test_a_sound_dataset_has_no_finding(make_dataset: MakeDataset) -> None:
    assert integrity_report(sound(make_dataset)) == []


@pytest.mark.parametrize("code", RECORDS)
def test_each_flaw_is_found_and_no_other(make_dataset: MakeDataset, code: str) -> None:
    expected = [code, "crowd_region"] if code == "crowd_without_mask" else [code]
    assert codes_of(sound(make_dataset, **RECORDS[code])) == expected


@pytest.mark.parametrize("code", sorted(RECORDS.keys() - NOT_IN_IMAGES))
def test_a_flaw_of_images_or_annotations_can_be_looked_at(make_dataset: MakeDataset, code: str) -> None:
    shown = found(sound(make_dataset, **RECORDS[code]), code).images
    assert {split for split, _ in shown} == {"all2017"}


def test_the_four_images_have_an_empty_image_a_crowd_and_an_unknown_licence(four_images: Dataset) -> None:
    report = [(each.code, each.split, each.examples) for each in integrity_report(four_images)]
    assert report == [
        ("crowd_only", "all", ("dog",)),
        ("image_without_annotations", "all2017", ("30",)),
        ("unknown_licence", "all2017", ("42",)),
        ("crowd_region", "all2017", ("104",)),
    ]


def test_a_split_is_an_error_of_which_no_annotation_is_kept(make_dataset: MakeDataset) -> None:
    lost = sound(make_dataset, annotations=[annotation(1, 1001, CAT), annotation(2, 1, 99)])
    assert codes_of(lost)[0] == "nothing_known"
    assert {"unknown_image", "unknown_category"} <= set(codes_of(lost))


def test_two_halves_that_cross_cover_something_though_they_enclose_0_together(make_dataset: MakeDataset) -> None:
    crossed = annotation(1, 1, CAT, (2, 2, 6, 6), segmentation=[[2, 2, 8, 8, 8, 2, 2, 8]], area=18)
    assert codes_of(sound(make_dataset, annotations=[crossed])) == []


def test_a_split_without_images_is_not_said_to_lack_a_folder(make_dataset: MakeDataset, tmp_path: Path) -> None:
    sound(make_dataset)
    path = tmp_path / "alone" / "empty.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document([], [], ONE_CLASS)), encoding="utf-8")
    codes = codes_of(open_dataset(path))
    assert "no_image" in codes
    assert "no_image_folder" not in codes


# Boxes and areas


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ((3, 3, 0, 4), "empty_box"),
        ((3, 3, 4, 0), "empty_box"),
        ((3, 3, -4, 4), "empty_box"),
        ((-2, 0, 5, 5), "box_beyond_image"),
        ((17, 0, 5, 5), "box_beyond_image"),
        ((0, 7, 5, 5), "box_beyond_image"),
        ((1e300, 0, 1e300, 5), "box_beyond_image"),
    ],
)
def test_an_odd_box_is_found(make_dataset: MakeDataset, box: tuple[float, ...], code: str) -> None:
    records = [annotation(1, 1, CAT, box, area=9), annotation(2, 1, CAT)]
    assert found(sound(make_dataset, annotations=records), code).examples == ("1",)


def test_a_box_may_pass_the_edge_by_a_pixel_of_rounding(make_dataset: MakeDataset) -> None:
    assert codes_of(sound(make_dataset, annotations=[annotation(1, 1, CAT, (-0.5, -0.9, 21.2, 11.7))])) == []


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_none_is_not_taken_for_a_missing_box(
    make_dataset: MakeDataset, place: int, value: float
) -> None:
    dataset = sound(make_dataset, annotations=[annotation(1, 1, CAT), BEFORE])
    (split,) = dataset.splits
    boxes = split.annotations.boxes_xywh.copy()
    boxes[0, place] = value
    changed = replace(split, annotations=replace(split.annotations, boxes_xywh=boxes))
    assert codes_of(replace(dataset, splits=(changed,))) == ["not_a_number"]


def test_an_area_that_is_no_number_is_found(make_dataset: MakeDataset) -> None:
    dataset = sound(make_dataset)
    (split,) = dataset.splits
    changed = replace(split, annotations=replace(split.annotations, areas_px=np.array([np.inf])))
    assert "not_a_number" in codes_of(replace(dataset, splits=(changed,)))


def test_a_few_boxes_beyond_their_image_are_not_two_corners(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (9, 5, 15, 9)), *(annotation(n, 1, CAT, (n, 1, 2, 2)) for n in range(3, 9))]
    assert codes_of(sound(make_dataset, annotations=records)) == ["box_beyond_image"]


@given(
    st.lists(
        st.tuples(*[st.floats(0, 1)] * 4).map(
            lambda s: (s[0] * 12, s[1] * 6, s[0] * 12 + 1 + s[2] * 7, s[1] * 6 + 1 + s[3] * 3)
        ),
        max_size=6,
    )
)
def test_boxes_written_as_corners_are_told_as_soon_as_a_quarter_leaves_the_image(
    tmp_path_factory: pytest.TempPathFactory, boxes: list[tuple[float, ...]]
) -> None:
    boxes = [*boxes, (12, 2, 19, 9), (13, 2, 19, 9)]
    records = [annotation(number, 1, CAT, box, area=4) for number, box in enumerate(boxes)]
    value = document([image(1)], records, ONE_CLASS)
    report = integrity_report(open_dataset(write_split(tmp_path_factory.mktemp("corners"), value)))
    leaving = [n for n, (x, y, w, h) in enumerate(boxes) if x + w > WIDTH + 1 or y + h > HEIGHT + 1]
    told = [each.count for each in report if each.code == "boxes_look_like_xyxy"]
    assert told == ([len(leaving)] if 4 * len(leaving) >= len(boxes) else [])


def test_a_pixel_of_border_is_no_excess_of_area(make_dataset: MakeDataset) -> None:
    assert codes_of(sound(make_dataset, annotations=[annotation(1, 1, CAT, (1, 1, 4, 4), area=35.9)])) == []


@pytest.mark.parametrize(("side", "vanishes"), [(4.9, True), (5.1, False)])
def test_an_object_vanishes_below_one_pixel_at_training_size(
    make_dataset: MakeDataset, side: float, vanishes: bool
) -> None:
    large = image(1, width=640, height=640)  # one pixel of 128 x 128 is five by five of its pixels
    record = annotation(1, 1, CAT, (50, 50, side, side))
    assert codes_of(sound(make_dataset, images=[large], annotations=[record])) == ["vanishes_at_128px"] * vanishes


@pytest.mark.parametrize(("area", "code"), [(0, "area_zero"), (-1, "area_zero"), (None, "missing_area")])
def test_an_area_that_says_nothing_is_told_and_lets_nothing_vanish(
    make_dataset: MakeDataset, area: float | None, code: str
) -> None:
    assert codes_of(sound(make_dataset, annotations=[annotation(1, 1, CAT, area=area)])) == [code]


def test_an_area_of_nothing_is_right_where_nothing_is_drawn(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (1, 1, 0, 0), segmentation=None), BEFORE]
    assert "area_zero" not in codes_of(sound(make_dataset, annotations=records))


def test_classes_of_crowd_regions_only_are_named(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, iscrowd=1), annotation(2, 1, CAT, (9, 5, 6, 4), iscrowd=1)]
    alone = found(sound(make_dataset, annotations=records), "crowd_only")
    assert (alone.examples, alone.severity) == (("cat",), Severity.ERROR)
    assert "2 of 2 annotations" in alone.message
    both = sound(make_dataset, annotations=[*records, annotation(3, 1, CAT)])
    assert "crowd_only" not in codes_of(both)


@pytest.mark.parametrize("box", [(0.1, 0.1, 0.9, 0.9), (0, 0, 1, 1), (0.05, 0.5, 0.95, 0.2)])
def test_shares_of_the_image_are_told_as_such_and_as_nothing_else(make_dataset: MakeDataset, box: Any) -> None:
    records = [annotation(1, 1, CAT, box), annotation(2, 1, CAT, (0.25, 0.25, 0.5, 0.5))]
    report = codes_of(sound(make_dataset, annotations=records))
    assert report[0] == "boxes_are_shares"
    assert not {"vanishes_at_128px", "area_beyond_box", "boxes_look_like_xyxy", "box_beyond_image"} & set(report)


@pytest.mark.parametrize("boxes", [[(0, 0, 1, 1)], [(0.5, 0.5, 0.5, 0.5), (1, 1, 4, 4)]])
def test_boxes_of_a_pixel_are_no_shares(make_dataset: MakeDataset, boxes: list[Any]) -> None:
    records = [annotation(number, 1, CAT, box) for number, box in enumerate(boxes)]
    assert "boxes_are_shares" not in codes_of(sound(make_dataset, annotations=records))


@pytest.mark.parametrize("names", [("a.jpg", "A.JPG"), ("caf\u00e9.jpg", "cafe\u0301.jpg")])
def test_names_that_are_one_on_other_systems_are_all_told(make_dataset: MakeDataset, names: tuple[str, str]) -> None:
    images = [image(1, names[0]), image(2, names[1]), image(3, "b.jpg")]
    dataset = sound(make_dataset, images=images, pictures=False)
    assert found(dataset, "file_names_alike").examples == names


@pytest.mark.parametrize("name", ["", " ", "cat ", "\tcat"])
def test_a_class_name_with_blanks_at_its_ends_is_shown_in_quotes(make_dataset: MakeDataset, name: str) -> None:
    told = found(sound(make_dataset, categories=[category(CAT, name)]), "category_name_blanks")
    assert told.examples == (repr(name),)


def test_of_two_twins_both_ids_are_told(make_dataset: MakeDataset) -> None:
    told = found(sound(make_dataset, categories=[category(5, "cat"), *ONE_CLASS]), "twin_category")
    assert told.examples == (f"5 beside {CAT}",)


def test_crowds_and_other_classes_are_no_repetition(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 1, CUP), annotation(3, 1, CAT, iscrowd=1)]
    dataset = sound(make_dataset, annotations=records, categories=[ONE_CLASS[0], CATEGORIES[2]])
    assert codes_of(dataset) == ["crowd_region"]


def test_the_same_box_in_another_image_is_no_repetition(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT), annotation(2, 2, CAT)]
    assert codes_of(sound(make_dataset, images=[image(1), image(2)], annotations=records)) == []


def test_a_repetition_is_named_by_the_later_annotation(make_dataset: MakeDataset) -> None:
    records = [annotation(9, 1, CAT), annotation(4, 1, CAT), annotation(5, 1, CAT, (9, 5, 6, 4))]
    assert found(sound(make_dataset, annotations=records), "duplicate_object").examples == ("4",)


# Masks


@pytest.mark.parametrize("segmentation", [None, [], [[]]])
@pytest.mark.parametrize("note", ["", "n" * 500])
def test_an_annotation_without_a_mask_is_found(make_dataset: MakeDataset, segmentation: object, note: str) -> None:
    records = [annotation(1, 1, CAT, segmentation=segmentation, note=note), BEFORE]
    assert found(sound(make_dataset, annotations=records), "annotation_without_mask").examples == ("1",)


@pytest.mark.parametrize("segmentation", [[[1, 1, 4, 4]], [[1, 1, 4, 4, 2]], "words", 7])
def test_a_polygon_that_cannot_be_drawn_is_no_mask(make_dataset: MakeDataset, segmentation: object) -> None:
    records = [annotation(1, 1, CAT, segmentation=segmentation), BEFORE]
    assert found(sound(make_dataset, annotations=records), "unreadable_mask").examples == ("1",)


def test_an_annotation_without_the_field_has_no_mask(make_dataset: MakeDataset) -> None:
    record = annotation(1, 1, CAT)
    del record["segmentation"]
    assert codes_of(sound(make_dataset, annotations=[record])) == ["annotation_without_mask"]


@pytest.mark.parametrize(
    "more", [{}, {"note": '"segmentation": []'}, {"parts": {"segmentation": []}, "note": "n" * 500}]
)
@pytest.mark.parametrize(
    "segmentation",
    [
        [[1, 1, 4, 1, 4, 4]],
        [[], [1.5, 1, 4, 1, 4, 4]],
        [[-1, 1, 4, 1, 4, 4]],
        {"size": [10, 20], "counts": [0, 200]},
        {"size": [10, 20], "counts": "02"},
    ],
)
def test_a_polygon_or_a_run_length_code_is_a_mask(
    make_dataset: MakeDataset, segmentation: object, more: dict[str, Any]
) -> None:
    dataset = sound(make_dataset, annotations=[annotation(1, 1, CAT, segmentation=segmentation, **more)])
    assert "annotation_without_mask" not in codes_of(dataset)


def test_a_crowd_region_without_a_mask_is_not_counted_among_the_objects(make_dataset: MakeDataset) -> None:
    dataset = sound(make_dataset, annotations=[annotation(1, 1, CAT, segmentation=None, iscrowd=1)])
    assert "annotation_without_mask" not in codes_of(dataset)


def test_a_crowd_is_found_however_it_is_drawn(make_dataset: MakeDataset) -> None:
    records = [crowd(1, 1, CAT), annotation(2, 1, CAT, iscrowd=1)]
    assert found(sound(make_dataset, annotations=records), "crowd_region").count == 2


def test_a_misfit_of_a_crowd_region_is_told_too(make_dataset: MakeDataset) -> None:
    misfit = annotation(1, 1, CAT, segmentation={"size": [5, 5], "counts": "02"}, iscrowd=1)
    assert codes_of(sound(make_dataset, annotations=[misfit, BEFORE])) == ["rle_misfit", "crowd_region"]


# Images, categories, licences


@pytest.mark.parametrize("name", ["/x.jpg", "../x.jpg", "a/../../x.jpg", "x\0.jpg", "./", "a/", "x" * 252 + ".jpg"])
def test_a_name_that_no_file_can_have_is_unsafe(make_dataset: MakeDataset, name: str) -> None:
    dataset = sound(make_dataset, images=[image(1, name)], pictures=False)
    assert [each.code for each in record_report(dataset)] == ["unsafe_file_name"]


@pytest.mark.parametrize("name", ["a\\x.jpg", "C:x.jpg", "con.jpg", "deep/NUL", "a./b.jpg", "what?.jpg", "two\nlines"])
def test_a_name_that_windows_cannot_write_is_unportable(make_dataset: MakeDataset, name: str) -> None:
    dataset = sound(make_dataset, images=[image(1, name)], pictures=False)
    assert [each.code for each in record_report(dataset)] == ["unportable_file_name"]


@pytest.mark.parametrize("name", ["Mädchen auf Brücke.jpg", "犬/猫.png", "a..b.jpg", "..a.jpg", "deep/in/x.jpg", "x"])
def test_an_unusual_name_is_not_odd(make_dataset: MakeDataset, name: str) -> None:
    assert record_report(sound(make_dataset, images=[image(1, name)], pictures=False)) == []


@given(st.text(st.sampled_from("a./\\:\0\n c"), max_size=7) | st.from_regex(r"(con|nul|com1|x)[./x-]*(aux|y)?\Z"))
@example("𠀀" * 60)
@example("𠀀" * 63)
@example("\ud800.jpg")
@example("Nul.png")
def test_no_odd_name_is_overlooked_at_the_first_look(name: str) -> None:
    assert not SURELY_SOUND.fullmatch(name) or (not name_flaw(name) and is_portable(name))


def test_images_that_share_a_file_are_all_shown(make_dataset: MakeDataset) -> None:
    shared = found(make_dataset([image(1, "a.jpg"), image(2, "b.jpg"), image(3, "a.jpg")], []), "duplicate_file_name")
    assert (shared.count, shared.examples) == (1, ("a.jpg",))
    assert [image_id for _, image_id in shared.images] == [1, 3]


def test_an_image_without_a_licence_has_no_unknown_one(make_dataset: MakeDataset) -> None:
    assert codes_of(sound(make_dataset, licenses=[])) == []


def test_a_category_without_annotations_is_found_over_all_splits(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT), annotation(2, 1, CUP)])
    unused = found(dataset, "unused_category")
    assert (unused.split, unused.examples, unused.images) == ("all", ("dog",), ())


def test_what_reading_put_aside_is_part_of_the_report(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(annotations=[*FOUR_IMAGES_ANNOTATIONS, annotation(900, 12345, CAT)])
    assert found(dataset, "unknown_image").examples == ("900",)


# Files


def test_a_missing_picture_is_found_by_name(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert dataset.splits[0].image_folder is not None
    (dataset.splits[0].image_folder / "c.jpg").unlink()
    (missing,) = file_report(dataset)
    assert (missing.code, missing.examples, missing.images) == ("image_file_missing", ("c.jpg",), ())
    assert str(dataset.splits[0].image_folder) in missing.message


def test_records_tell_nothing_about_files(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert dataset.splits[0].image_folder is not None
    before = record_report(dataset)
    (dataset.splits[0].image_folder / "c.jpg").unlink()
    assert record_report(dataset) == before


def test_a_path_like_name_counts_as_a_missing_picture(make_dataset: MakeDataset, tmp_path: Path) -> None:
    make_dataset()
    (tmp_path / "data" / "x.jpg").write_bytes(b"secret")
    dataset = make_dataset([image(1, "a.jpg"), image(2, "../x.jpg")], [], pictures=False)
    assert found(dataset, "image_file_missing").examples == ("../x.jpg",)


def test_a_dataset_without_pictures_says_what_still_works(make_dataset: MakeDataset) -> None:
    without = found(make_dataset(pictures=False), "no_image_folder")
    assert "Statistics and JSON exports work" in without.action


def test_a_file_of_another_kind_is_named(make_dataset: MakeDataset, tmp_path: Path) -> None:
    sound(make_dataset)
    (tmp_path / "data" / "results.json").write_text("[]")
    (tmp_path / "data" / "annotations" / "instances_all2017.json").rename(tmp_path / "data" / "all2017.json")
    assert codes_of(open_dataset(tmp_path / "data")) == ["file_skipped"]


@pytest.mark.real
def test_the_real_dataset_has_crowds_and_nothing_broken(coco_folder: Path) -> None:
    codes = set(codes_of(open_dataset(coco_folder)))
    assert codes == {"crowd_region", "image_without_annotations", "vanishes_at_128px", "parts_overlap"}
