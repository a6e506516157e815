"""What is odd is listed, and stops nothing."""

from pathlib import Path
from typing import Any

import pytest
from conftest import MakeDataset
from records import CAT, CATEGORIES, CUP, FOUR_IMAGES_ANNOTATIONS, annotation, crowd, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.findings import Finding, finding
from cocomine.coco.integrity import integrity_report
from cocomine.coco.opening import open_dataset


def found(dataset: Dataset, code: str) -> Finding:
    (only,) = [each for each in integrity_report(dataset) if each.code == code]
    return only


def test_no_case_is_no_finding() -> None:
    assert finding("code", "val", "message", []) == []


def test_a_finding_counts_all_and_names_five() -> None:
    (many,) = finding("code", "val", "message", range(9))
    assert (many.count, many.examples) == (9, ("0", "1", "2", "3", "4"))


def test_the_four_images_have_one_empty_image_and_one_crowd(four_images: Dataset) -> None:
    report = [(each.code, each.split, each.examples) for each in integrity_report(four_images)]
    assert report == [("image_without_annotations", "all2017", ("30",)), ("crowd_region", "all2017", ("104",))]


def test_a_sound_dataset_has_no_finding(make_dataset: MakeDataset) -> None:
    assert integrity_report(make_dataset([image(1)], [annotation(1, 1, CAT)], CATEGORIES[:1])) == []


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ((3, 3, 0, 4), "empty_box"),
        ((3, 3, 4, 0), "empty_box"),
        ((3, 3, -4, 4), "empty_box"),
        ((-2, 0, 5, 5), "box_beyond_image"),
        ((17, 0, 5, 5), "box_beyond_image"),
        ((0, 7, 5, 5), "box_beyond_image"),
    ],
)
def test_an_odd_box_is_found(make_dataset: MakeDataset, box: tuple[float, ...], code: str) -> None:
    records = [annotation(1, 1, CAT, box), annotation(2, 1, CAT)]
    assert found(make_dataset([image(1)], records, CATEGORIES[:1]), code).examples == ("1",)


def test_a_box_may_pass_the_edge_by_a_pixel_of_rounding(make_dataset: MakeDataset) -> None:
    records = [annotation(1, 1, CAT, (-0.5, -0.9, 21.2, 11.7))]
    assert integrity_report(make_dataset([image(1)], records, CATEGORIES[:1])) == []


def test_a_missing_box_is_found_and_not_taken_for_an_empty_one(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(7, 1, CAT, bbox=None)], CATEGORIES[:1])
    assert [(each.code, each.examples) for each in integrity_report(dataset)] == [("missing_box", ("7",))]


@pytest.mark.parametrize("segmentation", [None, [], [[]], [[1, 1, 4, 4]], [[1, 1, 4, 4, 2]], "words", 7])
def test_an_annotation_without_a_mask_is_found(make_dataset: MakeDataset, segmentation: object) -> None:
    records = [annotation(1, 1, CAT, segmentation=segmentation), annotation(2, 1, CAT)]
    dataset = make_dataset([image(1)], records, CATEGORIES[:1])
    assert [(each.code, each.examples) for each in integrity_report(dataset)] == [("annotation_without_mask", ("1",))]


@pytest.mark.parametrize("segmentation", [None, [], [[]], "words", 7])
def test_an_annotation_without_a_mask_is_found_in_a_long_record(
    make_dataset: MakeDataset, segmentation: object
) -> None:
    records = [annotation(number, 1, CAT, note="n" * 500) for number in (1, 2)]
    records[0]["segmentation"] = segmentation
    assert found(make_dataset([image(1)], records, CATEGORIES[:1]), "annotation_without_mask").examples == ("1",)


def test_an_annotation_without_the_field_has_no_mask(make_dataset: MakeDataset) -> None:
    record = annotation(1, 1, CAT)
    del record["segmentation"]
    assert found(make_dataset([image(1)], [record], CATEGORIES[:1]), "annotation_without_mask").count == 1


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
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, segmentation=segmentation, **more)], CATEGORIES[:1])
    assert integrity_report(dataset) == []


def test_a_crowd_region_without_a_mask_is_not_counted_among_the_objects(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT, segmentation=None, iscrowd=1)], CATEGORIES[:1])
    assert [each.code for each in integrity_report(dataset)] == ["crowd_region"]


def test_a_missing_picture_is_found_by_name(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert dataset.splits[0].image_folder is not None
    (dataset.splits[0].image_folder / "c.jpg").unlink()
    assert found(dataset, "image_file_missing").examples == ("c.jpg",)


def test_pictures_are_not_looked_for_unless_asked(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert dataset.splits[0].image_folder is not None
    (dataset.splits[0].image_folder / "c.jpg").unlink()
    assert "image_file_missing" not in {each.code for each in integrity_report(dataset, check_files=False)}


def test_a_path_like_name_counts_as_a_missing_picture(make_dataset: MakeDataset, tmp_path: Path) -> None:
    make_dataset()
    (tmp_path / "data" / "x.jpg").write_bytes(b"secret")
    dataset = make_dataset([image(1, "a.jpg"), image(2, "../x.jpg")], [], pictures=False)
    assert found(dataset, "image_file_missing").examples == ("../x.jpg",)


def test_a_dataset_without_pictures_says_what_still_works(make_dataset: MakeDataset) -> None:
    message = found(make_dataset(pictures=False), "no_image_folder").message
    assert "statistics and JSON exports work" in message


def test_two_images_with_one_file_are_found(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1, "a.jpg"), image(2, "a.jpg"), image(3, "b.jpg")], [])
    assert found(dataset, "duplicate_file_name").examples == ("a.jpg",)


def test_a_category_without_annotations_is_found_over_all_splits(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1)], [annotation(1, 1, CAT), annotation(2, 1, CUP)])
    unused = found(dataset, "unused_category")
    assert (unused.split, unused.examples) == ("all", ("dog",))


def test_an_annotation_id_used_twice_is_told(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(annotations=[*FOUR_IMAGES_ANNOTATIONS, annotation(101, 7, CAT)])
    assert found(dataset, "duplicate_annotation_id").examples == ("101",)


def test_what_reading_put_aside_is_part_of_the_report(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(annotations=[*FOUR_IMAGES_ANNOTATIONS, annotation(900, 12345, CAT)])
    assert found(dataset, "unknown_image").examples == ("900",)


def test_a_crowd_is_found_however_it_is_drawn(make_dataset: MakeDataset) -> None:
    records = [crowd(1, 1, CAT), annotation(2, 1, CAT, iscrowd=1)]
    assert found(make_dataset([image(1)], records), "crowd_region").count == 2


@pytest.mark.real
def test_the_real_dataset_has_crowds_and_nothing_broken(coco_folder: Path) -> None:
    codes = {each.code for each in integrity_report(open_dataset(coco_folder))}
    assert codes <= {"crowd_region", "image_without_annotations", "unused_category"}
