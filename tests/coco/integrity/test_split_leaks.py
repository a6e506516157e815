"""The same picture in two splits is told; an id alone is no evidence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from records import CAT, CATEGORIES, annotation, document, image, write_split

from cocomine.coco.findings import Finding
from cocomine.coco.integrity.report import file_report
from cocomine.coco.integrity.split_leaks import leak_sentences
from cocomine.coco.reading.open_dataset import open_dataset


def leaks(root: Path, **splits: list[dict[str, Any]]) -> list[Finding]:
    """Write splits without pictures, and return the leaks."""
    for name, images in splits.items():
        records = [annotation(number, each["id"], CAT) for number, each in enumerate(images)]
        write_split(root, document(images, records, CATEGORIES[:1]), split=name, pictures=False)
    return [each for each in file_report(open_dataset(root)) if each.code == "leak_between_splits"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (image(5, "a.jpg"), image(5, "a.jpg")),
        (image(5, "a.jpg"), image(6, "a.jpg")),
        (image(5, "a.jpg"), image(5, "a.jpg", width=40)),
        (image(5, "COCO_val2014_000000000005.jpg"), image(5, "000000000005.jpg")),
        (image(5, "train/a.jpg"), image(9, "val/a.png")),
    ],
)
def test_the_same_name_with_the_same_id_or_size_is_the_same_picture(
    tmp_path: Path, first: dict[str, Any], second: dict[str, Any]
) -> None:
    (leak,) = leaks(tmp_path, train=[first, image(1, "x.jpg")], val=[second, image(2, "y.jpg")])
    assert (leak.count, leak.split, leak.examples) == (1, "train and val", (first["file_name"],))
    assert leak.images == (("train", first["id"]), ("val", second["id"]))
    assert "is in train and in val" in leak.message


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (image(0, "a.jpg"), image(0, "b.jpg")),
        (image(5, "a.jpg"), image(6, "a.jpg", width=40)),
        (image(5, "COCO_train2014_000000000005.jpg"), image(5, "000000000006.jpg")),
    ],
)
def test_an_id_or_a_name_alone_is_no_evidence(tmp_path: Path, first: dict[str, Any], second: dict[str, Any]) -> None:
    assert leaks(tmp_path, train=[first], val=[second]) == []


def test_a_name_that_each_folder_of_a_split_has_is_compared_as_a_whole(tmp_path: Path) -> None:
    train = [image(1, "street/0.jpg"), image(2, "park/0.jpg")]
    assert leaks(tmp_path, train=train, val=[image(1, "zoo/0.jpg"), image(4, "lake/0.jpg")]) == []
    (leak,) = leaks(tmp_path, train=train, val=[image(1, "zoo/0.jpg"), image(4, "park/0.jpg")])
    assert leak.examples == ("park/0.jpg",)


def test_each_two_of_three_splits_are_compared(tmp_path: Path) -> None:
    found = leaks(tmp_path, a=[image(1)], b=[image(1)], c=[image(1)])
    assert [each.split for each in found] == ["a and b", "a and c", "b and c"]


def test_frames_that_each_split_counts_from_one_are_told_apart_by_their_files(tmp_path: Path) -> None:
    for folder, side in (("train", 10), ("val", 90)):
        (tmp_path / folder).mkdir()
        Image.effect_noise((side, side), 90).save(tmp_path / folder / "1.jpg")
    assert leaks(tmp_path, train=[image(1)], val=[image(1)]) == []
    (tmp_path / "val" / "1.jpg").write_bytes((tmp_path / "train" / "1.jpg").read_bytes())
    assert len(leaks(tmp_path, train=[image(1)], val=[image(1)])) == 1


@pytest.mark.real
def test_the_real_splits_share_no_picture(coco_folder: Path) -> None:
    assert file_report(open_dataset(coco_folder)) == []


def test_only_images_that_were_chosen_in_both_splits_are_told(tmp_path: Path) -> None:
    both = [image(1, "a.jpg"), image(2, "b.jpg")]
    leaks(tmp_path, train=both, val=both)
    train, val = open_dataset(tmp_path).splits
    all_of_it, first, second = np.arange(2), np.array([0]), np.array([1])
    (told,) = leak_sentences([(train, all_of_it), (val, second)])
    assert told.startswith("Images in two splits: 1 in train and val. ")
    assert leak_sentences([(train, first), (val, second)]) == []
    assert leak_sentences([(train, all_of_it)]) == []
