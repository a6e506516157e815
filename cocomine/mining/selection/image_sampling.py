"""Which images are drawn, where a class may have no more than so many, or images without any class are wanted?

Every image has a lot, a number that follows from its id and the seed alone. So the same images are drawn whatever the
computer, and a larger cap draws nearly all that a smaller one does.

*Caps*: images are taken one after the other as long as no class gets more than it may; one that does not fit is passed
over for good. Those with the rarest classes come first, so that these do not lose what they have to common ones beside
them; among equals the lot decides.

*Negatives*: of the images without any class those with the smallest lots.

Source of the lots: G. Steele, D. Lea, C. Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014 (the
finaliser of SplitMix64)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints
from cocomine.mining.selection.limits import Limits

Lots = NDArray[np.uint64]
GOLDEN_GAMMA = np.uint64(0x9E3779B97F4A7C15)
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassAmounts:
    """How much of each class some images have, without the pairs of which there is nothing; columns of length p.

    Attributes:
        image: position of an image, (p,).
        number: position of a class, (p,).
        amount: images (1) or objects of the class there, (p,).
    """

    image: Ints
    number: Ints
    amount: Ints

    def totals(self, class_count: int) -> Ints:
        """Return how much there is of each class, (classes,)."""
        return np.bincount(self.number, weights=self.amount, minlength=class_count).astype(np.int64)


def lots(image_ids: Ints, seed: int) -> Lots:
    """Return a number for each image that looks random, and is the same for the same id and seed, (n,)."""
    start = _mixed(np.array([seed], dtype=np.uint64))
    return _mixed(image_ids.astype(np.uint64) ^ start)


def _mixed(values: Lots) -> Lots:
    with np.errstate(over="ignore"):  # arithmetic modulo 2**64
        mixed = values + GOLDEN_GAMMA
        mixed = (mixed ^ (mixed >> np.uint64(30))) * FIRST_FACTOR
        mixed = (mixed ^ (mixed >> np.uint64(27))) * SECOND_FACTOR
        return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def class_caps(totals: Ints, *, cap: int | None, balance: float | None) -> Ints:
    """Return how much each class may have, (classes,).

    Args:
        totals: how much of each there is; a class of which there is nothing does not limit the others.
    """
    caps = totals.copy()
    if cap is not None:
        caps = np.minimum(caps, cap)
    if balance is not None and totals.any():
        caps = np.minimum(caps, math.floor(round(balance * int(totals[totals > 0].min()), 6)))  # 1.15 * 100 is 115
    return caps


def within_caps(amounts: ClassAmounts, caps: Ints, image_lots: Lots) -> Bools:
    """Return which images are taken so that no class has more than it may, (n,).

    Args:
        caps: (classes,).
        image_lots: (n,).
    """
    rank = _ranks(amounts, len(caps), image_lots)
    ranks = rank[amounts.image]
    by_class = np.argsort(amounts.number * len(image_lots) + ranks)  # no two are equal
    columns = (ranks[by_class], amounts.number[by_class], amounts.amount[by_class])
    is_taken, room = np.ones(len(image_lots), dtype=bool), caps.copy()
    while (first := _first_over(*columns, room)) is not None:
        ranks, numbers, amount = columns
        before = ranks < first
        room -= np.bincount(numbers[before], weights=amount[before], minlength=len(room)).astype(np.int64)
        passed_over = np.zeros(len(image_lots), dtype=bool)
        passed_over[ranks[~before & (amount > room[numbers])]] = True
        is_taken &= ~passed_over
        rest = ~before & ~passed_over[ranks]
        columns = (ranks[rest], numbers[rest], amount[rest])
    return np.asarray(is_taken[rank])


def _ranks(amounts: ClassAmounts, class_count: int, image_lots: Lots) -> Ints:
    """Return each image's place in the order in which they are taken, (n,): the rarest class first, then by lot."""
    _, rarity_of_class = np.unique(amounts.totals(class_count), return_inverse=True)
    rarity = np.full(len(image_lots), class_count, dtype=np.min_scalar_type(class_count))
    np.minimum.at(rarity, amounts.image, rarity_of_class.astype(rarity.dtype)[amounts.number])
    by_lot = _by_lot(image_lots)
    rank = np.empty(len(image_lots), dtype=np.int64)
    rank[by_lot[np.argsort(rarity[by_lot], kind="stable")]] = np.arange(len(image_lots))
    return rank


def _by_lot(image_lots: Lots) -> Ints:
    """Return the positions in the order of their lots, equal ones in their own, (n,).

    numpy sorts four times faster where equal ones may change places. Lots are equal where two splits use one id alone.
    """
    by_lot = np.argsort(image_lots)
    ordered = image_lots[by_lot]
    is_sure = bool((ordered[1:] != ordered[:-1]).all())
    return by_lot if is_sure else np.argsort(image_lots, kind="stable")


def _first_over(ranks: Ints, numbers: Ints, amount: Ints, room: Ints) -> int | None:
    """Return the rank of the first image with which a class would have more than it may; None where all fit.

    Args:
        ranks: of images, rising within each class, (p,).
        numbers: of the classes, rising, (p,).
    """
    sums = np.cumsum(amount)
    starts = np.searchsorted(numbers, np.arange(len(room)))
    before = np.concatenate([[0], sums])[starts]
    is_over = sums - before[numbers] > room[numbers]
    return int(ranks[is_over].min()) if is_over.any() else None


def taken(matches: Bools, amounts: ClassAmounts, class_count: int, image_ids: Ints, limits: Limits) -> Bools:
    """Return which of the images that match are taken, so that caps hold, (n,).

    Args:
        amounts: how much of each of the classes they have, and no other image.
        image_ids: (n,).
    """
    caps = class_caps(amounts.totals(class_count), cap=limits.cap, balance=limits.balance)
    index = np.flatnonzero(matches)  # few of all images, which sorts faster
    place = np.zeros(len(matches), dtype=np.int64)
    place[index] = np.arange(len(index))
    among = ClassAmounts(image=place[amounts.image], number=amounts.number, amount=amounts.amount)
    is_taken = np.zeros(len(matches), dtype=bool)
    is_taken[index] = within_caps(among, caps, lots(image_ids[index], limits.seed))
    return is_taken


def negatives(may_be: Bools, positive: Bools, image_ids: Ints, split_sizes: Sequence[int], limits: Limits) -> Bools:
    """Return which images without a class are drawn, so that they are a share of each split's images, (n,).

    Args:
        may_be: which images may be drawn, (n,).
        positive: which images were taken for their classes, (n,).
        image_ids: (n,).
        split_sizes: images of each split, as they come one after the other.
    """
    chosen, start = np.zeros(len(may_be), dtype=bool), 0
    for size in split_sizes:
        inside = slice(start, start + size)
        index = start + np.flatnonzero(may_be[inside])
        count = negative_count(int(np.count_nonzero(positive[inside])), limits.negatives)
        if count < len(index):  # no two images of a split have one lot, as no two have one id
            index = index[np.argpartition(lots(image_ids[index], limits.seed), count)[:count]]
        chosen[index] = True
        start += size
    return chosen


def negative_count(positive_count: int, share: float) -> int:
    """Return how many images make this share of all when they come to so many others; to the nearest."""
    return round(positive_count * share / (1 - share))
