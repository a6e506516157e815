"""Images within caps are those that taking them one by one gives, and lots are the same everywhere."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cocomine.mining.selection.image_sampling import ClassAmounts, class_caps, lots, negative_count, within_caps

IMAGES, CLASSES = 12, 4
AMOUNTS = st.lists(
    st.lists(st.integers(0, 5), min_size=CLASSES, max_size=CLASSES), min_size=IMAGES, max_size=IMAGES
).map(np.array)


def amounts_of(table: "np.ndarray[tuple[int, int], np.dtype[np.int64]]") -> ClassAmounts:
    image, number = np.nonzero(table)
    return ClassAmounts(image=image, number=number, amount=table[image, number])


@given(table=AMOUNTS, caps=st.lists(st.integers(0, 9), min_size=CLASSES, max_size=CLASSES), seed=st.integers(0, 9))
def test_within_caps_is_taking_images_one_after_the_other(
    table: "np.ndarray[tuple[int, int], np.dtype[np.int64]]", caps: list[int], seed: int
) -> None:
    image_lots, totals = lots(np.arange(IMAGES), seed), table.sum(axis=0)
    rarity = [min((totals[at] for at in np.flatnonzero(row)), default=np.inf) for row in table]
    room, expected = np.array(caps), np.zeros(IMAGES, dtype=bool)
    for at in sorted(range(IMAGES), key=lambda each: (rarity[each], image_lots[each])):
        expected[at] = (table[at] <= room).all()
        room = room - table[at] * expected[at]
    found = within_caps(amounts_of(table), np.array(caps), image_lots)
    np.testing.assert_array_equal(found, expected)


def test_lots_are_those_of_splitmix64() -> None:
    """Source: the first outputs for the seeds 0 and 1234567, https://rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64"""
    of_zero, of_1234567 = 0xE220A8397B1DCDAF, 6457827717110365317
    ids = np.array([of_zero, of_zero ^ 1234567], dtype=np.uint64).view(np.int64)
    assert lots(ids, 0).tolist() == [of_zero, of_1234567]
    assert lots(ids, 1).tolist() != lots(ids, 0).tolist()


def test_caps_are_the_smaller_of_cap_and_balance() -> None:
    totals = np.array([100, 500, 0, 7000])
    assert class_caps(totals, cap=None, balance=None).tolist() == [100, 500, 0, 7000]
    assert class_caps(totals, cap=300, balance=None).tolist() == [100, 300, 0, 300]
    assert class_caps(totals, cap=300, balance=1.15).tolist() == [100, 115, 0, 115]
    assert class_caps(np.zeros(2, dtype=np.int64), cap=5, balance=2.0).tolist() == [0, 0]


def test_negatives_are_a_share_of_all_images() -> None:
    assert [negative_count(80, share) for share in (0.0, 0.2, 0.5, 0.9)] == [0, 20, 80, 720]
    assert negative_count(3, 0.2) == 1
