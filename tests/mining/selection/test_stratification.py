"""Every image goes to one part, every part gets its share of each class, and nothing but seed and ids decides."""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco.arrays import Bools, Ints
from cocomine.errors import SelectionError
from cocomine.mining.selection.stratification import exact_share, stratified

HALVES = (Fraction(1, 2), Fraction(1, 2))
THIRDS, FIFTHS = (Fraction(1, 3),) * 3, (Fraction(1, 5),) * 5
TRAIN_VAL = (Fraction(4, 5), Fraction(1, 5))
TRAIN_VAL_TEST = (Fraction(7, 10), Fraction(2, 10), Fraction(1, 10))
SHARES = st.sampled_from([HALVES, TRAIN_VAL, TRAIN_VAL_TEST, THIRDS, FIFTHS, (Fraction(1),)])
SEEDS = st.integers(-(2**70), 2**70)
FROZEN_PARTS = "917e23e2267c99292c1e43b23611d3f9446e73b3d61743d1adbe7bf46c8c14f9"
FROZEN_FOLDS = "a2fd39dc6b894d1320ee4700ae92a9f75b9192f7d3e42eebb00d171d2f8f8f50"
"""SHA-256 of one byte for each image, its part; exports were made with them, so they stay."""
COCO_IMAGES, COCO_CLASSES, COCO_LIMIT_S = 118_287, 80, 3.0


@dataclass(frozen=True, kw_only=True)
class Task:
    """Images with labels, ids and groups, and the shares asked for."""

    labels: Bools
    ids: Ints
    groups: Ints
    shares: tuple[Fraction, ...]
    seed: int

    def dealt(self) -> list[int]:
        """The part of each image."""
        parts = stratified(self.labels, ids=self.ids, shares=self.shares, seed=self.seed, groups=self.groups)
        return [int(part) for part in parts]


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    image_count, label_count = draw(st.integers(0, 14)), draw(st.integers(0, 4))
    rows = st.lists(st.booleans(), min_size=label_count, max_size=label_count)
    labels = draw(st.lists(rows, min_size=image_count, max_size=image_count))
    ids = draw(st.lists(st.integers(-(2**63), 2**63 - 1), unique=True, min_size=image_count, max_size=image_count))
    groups = draw(st.lists(st.integers(0, 20), min_size=image_count, max_size=image_count))
    return Task(
        labels=np.array(labels, dtype=bool).reshape(image_count, label_count),
        ids=np.array(ids, dtype=np.int64),
        groups=np.array(groups, dtype=np.int64),
        shares=draw(SHARES),
        seed=draw(SEEDS),
    )


def as_on_paper(task: Task) -> list[int]:
    """Algorithm 1 of Sechidis et al. with the rules for what is equal and the bound, in fractions, step by step."""
    hashes = [hashlib.sha256(f"{task.seed} {image_id}".encode()).digest() for image_id in task.ids.tolist()]
    units = [np.flatnonzero(task.groups == group).tolist() for group in set(task.groups.tolist())]
    left = sorted(units, key=lambda unit: (-len(unit), min(hashes[image] for image in unit)))
    wanted = [share * len(task.ids) for share in task.shares]
    wanted_of = [[share * int(total) for share in task.shares] for total in task.labels.sum(axis=0)]
    parts = [-1] * len(task.ids)

    def deal_out(unit: list[int], need: list[Fraction]) -> None:
        bounded = [part for part, share in enumerate(task.shares) if share > Fraction(1, 2)]
        parts_left = [part for part in range(len(need)) if part not in bounded or wanted[part] >= Fraction(1, 2)]
        best = [part for part in parts_left if need[part] == max(need[each] for each in parts_left)]
        best = [part for part in best if wanted[part] == max(wanted[each] for each in best)]
        chance = int.from_bytes(min(hashes[image] for image in unit)[-8:], "big")
        chosen = best[chance % len(best)]
        for image in unit:
            parts[image] = chosen
            wanted[chosen] -= 1
            for label in np.flatnonzero(task.labels[image]).tolist():
                wanted_of[label][chosen] -= 1
        left.remove(unit)

    while True:
        images = [image for unit in left for image in unit]
        remaining = [(int(task.labels[images, label].sum()), label) for label in range(task.labels.shape[1])]
        rarest = min((each for each in remaining if each[0]), default=None)
        if rarest is None:
            break
        for unit in [unit for unit in left if task.labels[unit, rarest[1]].any()]:
            deal_out(unit, wanted_of[rarest[1]])
    for unit in list(left):
        deal_out(unit, wanted)
    return parts


def table(image_count: int, label_count: int) -> Bools:
    """A table without chance: image i has label j where (i + 3) (j + 5) leaves less than 4 modulo 23."""
    images, labels = np.arange(image_count)[:, None], np.arange(label_count)[None, :]
    return np.asarray((images + 3) * (labels + 5) % 23 < 4)


def like_coco() -> tuple[Bools, Ints]:
    """As many images and classes as train2017 has: one class in half of the images, the others in 0.2 to 12 %."""
    rng = np.random.default_rng(0)
    frequency = np.array([0.54, *np.geomspace(0.002, 0.12, COCO_CLASSES - 1)])
    ids = rng.permutation(600_000)[:COCO_IMAGES]
    return rng.random((COCO_IMAGES, COCO_CLASSES)) < frequency, ids


@given(task=tasks())
def test_the_parts_are_those_of_the_algorithm_on_paper(task: Task) -> None:
    assert task.dealt() == as_on_paper(task)


@given(task=tasks())
def test_every_image_goes_to_one_of_the_parts(task: Task) -> None:
    dealt = task.dealt()
    assert len(dealt) == len(task.ids)
    assert set(dealt) <= set(range(len(task.shares)))


@given(task=tasks())
def test_a_group_is_never_on_two_sides(task: Task) -> None:
    sides = set(zip(task.groups.tolist(), task.dealt(), strict=True))
    assert len(sides) == len(set(task.groups.tolist()))


@given(task=tasks(), data=st.data())
def test_neither_the_order_of_the_images_nor_the_numbers_of_the_groups_matter(task: Task, data: st.DataObject) -> None:
    order = np.array(data.draw(st.permutations(range(len(task.ids)))), dtype=np.int64)
    moved = Task(
        labels=task.labels[order],
        ids=task.ids[order],
        groups=100 - task.groups[order],
        shares=task.shares,
        seed=task.seed,
    )
    assert dict(zip(moved.ids.tolist(), moved.dealt(), strict=True)) == dict(
        zip(task.ids.tolist(), task.dealt(), strict=True)
    )


@given(image_count=st.integers(0, 40), shares=SHARES, seed=SEEDS)
def test_of_one_class_each_part_gets_its_share_to_within_one_image(
    image_count: int, shares: tuple[Fraction, ...], seed: int
) -> None:
    labels, ids = np.ones((image_count, 1), dtype=bool), np.arange(image_count)
    counts = np.bincount(stratified(labels, ids=ids, shares=shares, seed=seed), minlength=len(shares))
    assert all(abs(count - share * image_count) < 1 for count, share in zip(counts.tolist(), shares, strict=True))


@given(image_count=st.integers(0, 40), shares=SHARES, seed=SEEDS)
def test_images_without_a_class_are_shared_like_any_other(
    image_count: int, shares: tuple[Fraction, ...], seed: int
) -> None:
    labels, ids = np.zeros((image_count, 3), dtype=bool), np.arange(image_count)
    counts = np.bincount(stratified(labels, ids=ids, shares=shares, seed=seed), minlength=len(shares))
    assert all(abs(count - share * image_count) < 1 for count, share in zip(counts.tolist(), shares, strict=True))


def test_images_without_a_class_make_up_for_what_the_others_left() -> None:
    labels = np.zeros((10, 1), dtype=bool)
    labels[0] = True  # its one image goes to training
    dealt = stratified(labels, ids=np.arange(10), shares=TRAIN_VAL, seed=0)
    assert dealt[0] == 0
    assert np.bincount(dealt).tolist() == [8, 2]


def test_many_classes_of_two_images_leave_validation_its_share_of_all_images() -> None:
    labels = np.kron(np.eye(10, dtype=bool), np.ones((2, 1), dtype=bool))
    for seed in range(20):
        dealt = stratified(labels, ids=np.arange(20), shares=TRAIN_VAL, seed=seed)
        assert np.bincount(dealt).tolist() == [16, 4]


def test_without_images_there_is_nothing_to_deal_out() -> None:
    assert stratified(np.zeros((0, 3), dtype=bool), ids=np.arange(0), shares=TRAIN_VAL, seed=0).tolist() == []


@pytest.mark.parametrize("label_count", [0, 1])
def test_a_single_image_goes_to_the_part_of_the_largest_share(label_count: int) -> None:
    labels = np.ones((1, label_count), dtype=bool)
    assert stratified(labels, ids=np.array([42]), shares=TRAIN_VAL[::-1], seed=3).tolist() == [1]


def test_the_rarest_class_is_dealt_out_first() -> None:
    """Its 2 images go to both halves; begun with the common class, chance would put both on one side for some seeds."""
    labels = np.ones((20, 2), dtype=bool)
    labels[2:, 1] = False
    for seed in range(20):
        dealt = stratified(labels, ids=np.arange(20), shares=HALVES, seed=seed)
        assert sorted(dealt[:2].tolist()) == [0, 1]
        assert np.bincount(dealt).tolist() == [10, 10]


def test_a_seed_gives_these_parts_on_every_platform_and_with_every_version() -> None:
    dealt = stratified(table(300, 9), ids=np.arange(300) * 7 + 1, shares=TRAIN_VAL_TEST, seed=2026)
    assert hashlib.sha256(bytes(dealt.tolist())).hexdigest() == FROZEN_PARTS


def test_a_seed_gives_these_parts_of_groups_too() -> None:
    dealt = stratified(table(300, 9), ids=np.arange(300) * 7 + 1, shares=FIFTHS, seed=2026, groups=np.arange(300) % 113)
    assert hashlib.sha256(bytes(dealt.tolist())).hexdigest() == FROZEN_FOLDS


def test_another_seed_gives_other_parts() -> None:
    labels, ids = table(300, 9), np.arange(300)
    one, other = (stratified(labels, ids=ids, shares=TRAIN_VAL, seed=seed).tolist() for seed in (1, 2))
    assert one != other


def test_a_share_is_as_it_is_written() -> None:
    assert (exact_share(0.1), exact_share(0.2), exact_share(0.15)) == (Fraction(1, 10), Fraction(1, 5), Fraction(3, 20))


@pytest.mark.parametrize(
    ("shares", "listed"),
    [
        ((), ""),
        ((Fraction(1, 2),), "0.5"),
        ((Fraction(1), Fraction(0)), "1.0, 0.0"),
        ((Fraction(2), Fraction(-1)), "2.0, -1.0"),
    ],
)
def test_shares_that_make_no_whole_are_an_error(shares: tuple[Fraction, ...], listed: str) -> None:
    with pytest.raises(SelectionError, match=rf"shares of a division are {listed}.*above 0 that make 1 together"):
        stratified(np.ones((1, 1), dtype=bool), ids=np.array([1]), shares=shares, seed=0)


def test_an_id_that_stands_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="an image id stands twice"):
        stratified(np.ones((2, 1), dtype=bool), ids=np.array([1, 1]), shares=TRAIN_VAL, seed=0)


def test_all_of_coco_is_dealt_out_in_three_seconds_and_evenly() -> None:
    labels, ids = like_coco()
    start_s = process_time()
    is_val = stratified(labels, ids=ids, shares=TRAIN_VAL, seed=0) == 1
    assert process_time() - start_s < COCO_LIMIT_S
    assert abs(labels[is_val].sum(axis=0) / labels.sum(axis=0) - 0.2).max() < 0.005
