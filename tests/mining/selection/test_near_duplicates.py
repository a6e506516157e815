"""Images are in one set where a chain of near bits joins them, and in no other."""

from collections.abc import Sequence
from time import process_time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.mining.selection.near_duplicates import HASH_BITS, MOST_BITS, near_duplicates

COCO_IMAGES, COCO_LIMIT_S = 118_287, 5.0
ALL_BITS = (1 << HASH_BITS) - 1
SEEDS = st.sampled_from([0, ALL_BITS, 0x0123456789ABCDEF, 1 << 63])
FLIPPED = st.sets(st.integers(0, HASH_BITS - 1), max_size=2 * MOST_BITS)


@st.composite
def hashes(draw: st.DrawFn) -> int | None:
    """A few bits away from one of some others."""
    if draw(st.integers(0, 9)) == 0:
        return None
    return draw(SEEDS) ^ sum(1 << place for place in draw(FLIPPED))


def joined_by_hand(bits: Sequence[int | None]) -> set[tuple[int, ...]]:
    """The same by comparing each with each, until nothing joins any more."""
    sets = [{place} for place, each in enumerate(bits) if each is not None]
    for place, one in enumerate(bits):
        for before, other in enumerate(bits[:place]):
            if one is None or other is None or (one ^ other).bit_count() > MOST_BITS:
                continue
            near = [each for each in sets if place in each or before in each]
            sets = [each for each in sets if each not in near] + [set().union(*near)]
    return {tuple(sorted(each)) for each in sets if len(each) > 1}


@given(bits=st.lists(hashes(), max_size=20))
def test_sets_are_those_of_comparing_each_with_each(bits: list[int | None]) -> None:
    assert set(near_duplicates(bits)) == joined_by_hand(bits)


@pytest.mark.parametrize(("flipped", "is_near"), [(0, True), (MOST_BITS, True), (MOST_BITS + 1, False)])
def test_so_many_bits_may_differ_and_no_more(flipped: int, is_near: bool) -> None:
    other = sum(1 << (13 * place) for place in range(flipped))
    assert near_duplicates([0, other]) == (((0, 1),) if is_near else ())


def test_frames_of_one_scene_stay_together_though_its_ends_differ_more() -> None:
    assert near_duplicates([0, 0b1111, 0b11111111, ALL_BITS]) == ((0, 1, 2),)


def test_images_without_bits_are_like_none() -> None:
    assert near_duplicates([None, None]) == ()
    assert near_duplicates([]) == ()


def test_as_many_images_as_coco_has_are_compared_in_seconds() -> None:
    bits = np.random.default_rng(0).integers(0, 1 << 63, COCO_IMAGES, dtype=np.uint64).tolist()
    start_s = process_time()
    assert near_duplicates([*bits, bits[7] ^ 1]) == ((7, COCO_IMAGES),)
    assert process_time() - start_s < COCO_LIMIT_S
