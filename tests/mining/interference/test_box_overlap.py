"""The first estimate of overlap and contact, from boxes: by hand, its laws, a loop over all pairs."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from datasets import MakeDataset
from hypothesis import given
from hypothesis import strategies as st
from overlaps import overlap_from_masks
from records import CAT, CUP, DOG, annotation, crowd, document, image, write_split
from scipy.stats import spearmanr

from cocomine.coco.arrays import Floats
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.interference import box_overlap
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.mask_overlap import OverlapTable

CLASSES = (CAT, DOG, CUP)
CAT_INDEX, DOG_INDEX, CUP_INDEX = 0, 1, 2
Box = tuple[int, int, int, int]
Scene = list[tuple[int, int, Box]]
BOXES = st.tuples(st.integers(0, 15), st.integers(0, 8), st.integers(1, 12), st.integers(1, 8))
SCENES = st.lists(st.tuples(st.sampled_from([1, 2]), st.sampled_from(CLASSES), BOXES), max_size=8)


def dataset_of(scene: Scene, folder: Path) -> Dataset:
    records = [annotation(number, image_id, class_id, box) for number, (image_id, class_id, box) in enumerate(scene)]
    return open_dataset(write_split(folder, document([image(1), image(2)], records), pictures=False))


def estimated(scene: Scene) -> OverlapTable:
    with TemporaryDirectory() as folder:
        return overlap_from_boxes(dataset_of(scene, Path(folder)))


@pytest.mark.parametrize(
    ("cat", "dog", "overlaps", "contacts"),
    [
        ((2, 2, 6, 4), (4, 3, 2, 2), (4 / 24, 1), (0, 1)),  # the dog inside the cat
        ((2, 2, 4, 4), (6, 3, 5, 2), (0, 0), (2 / 16, 2 / 14)),  # side by side
        ((2, 2, 4, 4), (4, 4, 4, 4), (4 / 16, 4 / 16), (4 / 16, 4 / 16)),  # a corner in common
        ((2, 2, 4, 4), (2, 2, 4, 4), (1, 1), (1, 1)),
        ((1, 1, 4, 4), (10, 5, 4, 4), (0, 0), (0, 0)),
        ((2, 2, 8, 2), (4, 0, 2, 6), (4 / 16, 4 / 12), (4 / 20, 4 / 16)),  # crossed
        ((0, 0, 3, 3), (3, 3, 3, 3), (0, 0), (0, 0)),  # they share a point
    ],
)
def test_two_boxes_by_hand(cat: Box, dog: Box, overlaps: tuple[float, float], contacts: tuple[float, float]) -> None:
    table = estimated([(1, CAT, cat), (1, DOG, dog)])
    assert (table.overlap[CAT_INDEX, DOG_INDEX], table.overlap[DOG_INDEX, CAT_INDEX]) == pytest.approx(overlaps)
    assert (table.contact[CAT_INDEX, DOG_INDEX], table.contact[DOG_INDEX, CAT_INDEX]) == pytest.approx(contacts)


def test_boxes_of_two_images_do_not_meet() -> None:
    table = estimated([(1, CAT, (2, 2, 4, 4)), (2, DOG, (2, 2, 4, 4))])
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.contact[CAT_INDEX, DOG_INDEX] == 0
    assert table.image_count == 2
    assert not table.from_masks
    assert table.size_px is None


def test_shares_end_at_one_where_several_boxes_cover_the_same() -> None:
    table = estimated([(1, CAT, (4, 4, 2, 2)), (1, DOG, (2, 2, 6, 6)), (1, DOG, (3, 3, 4, 4))])
    assert table.overlap[CAT_INDEX, DOG_INDEX] == table.contact[CAT_INDEX, DOG_INDEX] == 1


def test_a_class_without_a_box_has_no_shares() -> None:
    table = estimated([(1, CAT, (2, 2, 4, 4))])
    assert np.isnan(table.overlap[[DOG_INDEX, CUP_INDEX]]).all()
    assert table.overlap[CAT_INDEX].tolist()[1:] == [0, 0]
    assert np.isnan(table.overlap.diagonal()).all()
    assert np.isnan(table.contact.diagonal()).all()


def test_crowd_regions_and_objects_without_a_usable_box_are_left_out(make_dataset: MakeDataset) -> None:
    records = [
        annotation(1, 1, CAT, (10, 0, 8, 10)),
        crowd(2, 1, DOG),
        annotation(3, 1, CUP, (12, 2, 0, 5)),
        annotation(4, 1, CUP, (1e200, 2, 1e200, 1e200), area=1),
        annotation(5, 1, CUP, (12, 2, 5, 0)),
    ]
    table = overlap_from_boxes(make_dataset([image(1)], records))
    for shares in (table.overlap, table.contact):
        assert shares[CAT_INDEX].tolist()[1:] == [0, 0]
        assert np.isnan(shares[[DOG_INDEX, CUP_INDEX]]).all()


def test_no_annotation_gives_no_share(make_dataset: MakeDataset) -> None:
    table = overlap_from_boxes(make_dataset([image(1)], []))
    assert np.isnan(table.overlap).all()
    assert np.isnan(table.contact).all()
    assert table.image_count == 0


@given(scene=SCENES)
def test_the_sweep_finds_what_a_loop_over_all_pairs_finds(scene: Scene) -> None:
    table = estimated(scene)
    np.testing.assert_allclose(table.overlap, slow_shares(scene, area_in_common, lambda box: box[2] * box[3]))
    np.testing.assert_allclose(table.contact, slow_shares(scene, outline_inside, lambda box: 2 * (box[2] + box[3])))


@given(scene=SCENES)
def test_shares_are_between_nothing_and_all(scene: Scene) -> None:
    table = estimated(scene)
    for values in (table.overlap, table.contact):
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1)).all()


def test_many_pairs_are_summed_up_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    scene: Scene = [(1, CLASSES[number % 3], (number % 7, number % 3, 5, 4)) for number in range(30)]
    whole = estimated(scene)
    monkeypatch.setattr(box_overlap, "PAIRS_AT_ONCE", 10)
    parts = estimated(scene)
    np.testing.assert_allclose(parts.overlap, whole.overlap)
    np.testing.assert_allclose(parts.contact, whole.contact)


@pytest.mark.real
def test_the_estimate_puts_pairs_nearly_in_the_order_of_the_masks(coco_folder: Path) -> None:
    dataset = open_dataset(coco_folder).with_splits(["val2017"])
    estimate, masks = overlap_from_boxes(dataset), overlap_from_masks(dataset, lambda _, __: None)
    assert rank_correlation(estimate.overlap, masks.overlap) > 0.7
    assert rank_correlation(estimate.contact, masks.contact) > 0.7


def rank_correlation(first: Floats, second: Floats) -> float:
    known = ~np.isnan(first) & ~np.isnan(second)
    return float(spearmanr(first[known], second[known])[0])


def area_in_common(a: Box, b: Box) -> float:
    return span(a[0], a[2], b[0], b[2]) * span(a[1], a[3], b[1], b[3])


def outline_inside(a: Box, b: Box) -> float:
    """The length of a's four sides in b, one by one."""
    total = 0.0
    for x in (a[0], a[0] + a[2]):
        total += span(a[1], a[3], b[1], b[3]) * (b[0] <= x <= b[0] + b[2])
    for y in (a[1], a[1] + a[3]):
        total += span(a[0], a[2], b[0], b[2]) * (b[1] <= y <= b[1] + b[3])
    return total


def span(first: int, first_length: int, second: int, second_length: int) -> int:
    return max(0, min(first + first_length, second + second_length) - max(first, second))


def slow_shares(scene: Scene, part: Callable[[Box, Box], float], whole: Callable[[Box], float]) -> Floats:
    shares = np.full((3, 3), np.nan)
    for i, j in ((i, j) for i in range(3) for j in range(3) if i != j):
        mine = [(each, box) for each, class_id, box in scene if class_id == CLASSES[i]]
        theirs = [(each, box) for each, class_id, box in scene if class_id == CLASSES[j]]
        if mine:
            total = sum(part(a, b) for where, a in mine for there, b in theirs if where == there)
            shares[i, j] = min(1.0, total / sum(whole(box) for _, box in mine))
    return shares
