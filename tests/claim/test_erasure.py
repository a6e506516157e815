"""A change is told where erasing the objects does more than erasing elsewhere, by both fillings, beyond chance."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from cocomine.claim.erasure import ErasedCounts, ErasedPair, counts_from_lists, erased_pairs
from cocomine.training.runs.records import RunLabel

LABELS = [
    RunLabel(label=0, name="background", colour="#000000", selected=False),
    RunLabel(label=1, name="cup", colour="#ff0000", selected=True),
    RunLabel(label=2, name="table", colour="#00ff00", selected=True),
]
CUP, TABLE = 1, 2


def counts_of(image_count: int, *, after: float, control: float, spread: float = 0.0) -> ErasedCounts:
    """Return counts of images with 1,000 cup pixels: all are found before, and these shares of them afterwards."""
    noise = np.random.default_rng(0).normal(0, spread, (2, 2, image_count))
    right_after = np.zeros((2, 2, image_count, 3), dtype=np.int64)
    right_after[..., CUP] = (1000 * (np.array([after, control])[:, np.newaxis] + noise).clip(0, 1)).round()
    whole = np.zeros((2, image_count, 3), dtype=np.int64)
    whole[..., CUP] = 1000
    return ErasedCounts(
        right_before=whole,
        union_before=whole,
        right_after=right_after,
        union_after=np.stack([whole, whole]),
        true=whole[0],
    )


def pair_of(counts: ErasedCounts) -> ErasedPair:
    (pair,) = [each for each in erased_pairs(LABELS, {TABLE: counts}) if each.measured == "cup"]
    return pair


def test_what_filling_does_by_itself_is_taken_off() -> None:
    pair = pair_of(counts_of(40, after=0.5, control=0.9, spread=0.05))

    assert pair.ring is not None
    assert pair.ring.value == pytest.approx(-0.4, abs=0.03)
    assert pair.ring.low < -0.4 < pair.ring.high < 0
    assert pair.is_told
    assert not pair_of(counts_of(40, after=0.8, control=0.8, spread=0.05)).is_told


def test_interval_and_p_are_those_of_paired_images() -> None:
    counts = counts_of(12, after=0.5, control=0.8, spread=0.1)
    change = pair_of(counts).ring
    of_images = (counts.right_after[0, 0, :, CUP] - counts.right_after[0, 1, :, CUP]) / 1000  # all are 1,000 px large
    error = of_images.std(ddof=1) / np.sqrt(12)

    assert change is not None
    assert change.value == pytest.approx(of_images.mean())
    assert change.high - change.low == pytest.approx(2 * student.ppf(0.975, 11) * error)
    assert change.p == pytest.approx(2 * student.sf(abs(of_images.mean()) / error, 11))


def test_images_without_the_measured_class_change_nothing() -> None:
    counts = counts_of(12, after=0.5, control=0.8, spread=0.1)
    more = {
        name: np.concatenate([getattr(counts, name), np.zeros_like(getattr(counts, name))], axis=-2)
        for name in ErasedCounts.__dataclass_fields__
    }

    assert pair_of(ErasedCounts(**more)) == pair_of(counts)


def test_with_few_images_or_without_any_change_there_is_no_number() -> None:
    assert pair_of(counts_of(4, after=0.5, control=0.9, spread=0.05)).ring is None
    same = pair_of(counts_of(40, after=1, control=1))
    assert same.ring is None
    assert not same.is_told


def test_fillings_that_contradict_each_other_tell_nothing() -> None:
    falls = counts_of(40, after=0.5, control=0.9, spread=0.05)
    rises = counts_of(40, after=0.9, control=0.5, spread=0.05)

    both = replace(falls, right_after=np.stack([falls.right_after[0], rises.right_after[1]]))

    pair = pair_of(both)
    assert pair.ring is not None
    assert pair.blur is not None
    assert pair.ring.value < 0 < pair.blur.value
    assert max(pair.ring.p_corrected, pair.blur.p_corrected) < 0.001
    assert not pair.is_told


def test_chance_is_told_no_oftener_than_one_time_in_twenty() -> None:
    """80 pairs of classes, and nothing but noise."""
    rng = np.random.default_rng(3)
    labels = [RunLabel(label=each, name=f"class {each}", colour="#123456", selected=each > 0) for each in range(81)]
    told = 0
    for _ in range(25):
        true = np.full((30, 81), 1000)
        right = 500 + rng.normal(0, 100, (2, 2, 30, 81)).round().astype(np.int64)
        before = np.stack([true - 500, true - 500])
        counts = ErasedCounts(
            right_before=before,
            union_before=np.stack([true, true]),
            right_after=right,
            union_after=np.broadcast_to(true, right.shape),
            true=true,
        )
        told += any(pair.is_told for pair in erased_pairs(labels, {1: counts}))

    assert told <= 4  # 1.25 are expected at most


def test_counts_survive_being_passed_on_as_lists() -> None:
    counts = counts_of(6, after=0.5, control=0.9)
    lists = {name: getattr(counts, name).tolist() for name in ErasedCounts.__dataclass_fields__}

    for name in lists:
        np.testing.assert_array_equal(getattr(counts_from_lists(lists), name), getattr(counts, name))
