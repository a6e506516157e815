"""To which part of a division does each image go, so that each part gets its share of every class?

Iterative stratification for several labels: the rarest class is dealt out first, image by image, each to the part that
still lacks most of it. So rare classes are dealt out while there is a choice; common ones even out afterwards.

A class of few images is rounded in favour of a part that was asked for more than half: of 2 images that part gets both.
Many such classes would leave nothing for the others, so that part gets no more than its share of all images.

The result is exact. What a part lacks is a whole number (shares are fractions, brought to one denominator), and chance
is the SHA-256 of the seed and an image's id, so that neither the platform, nor a library's version, nor the order of
the images changes it. Whatever is equal is decided by a rule:

* Images are dealt out by the SHA-256 of the text "seed id", rising. Images that stay together are one unit, which has
  the lowest of their hashes. Larger units come first, since those that follow can even out what they leave.
* Of labels with equally few images left, the first one comes first.
* Of parts that lack equally much of a label, the one that lacks most images gets the unit. Of those that lack equally
  many images, too, it is the one at the place that the last 8 bytes of the unit's hash give, modulo their number.

Source: K. Sechidis, G. Tsoumakas, I. Vlahavas, On the Stratification of Multi-Label Data (ECML PKDD 2011), algorithm 1,
https://doi.org/10.1007/978-3-642-23808-6_10. Units of several images and the bound of a part of more than half are
our additions.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.errors import SelectionError

CHANCE_BYTES = 8
"""So many of a hash's last bytes decide between parts that lack the same."""


def exact_share(share: float) -> Fraction:
    """Return a share as it is written: 0.1 is a tenth, not the binary number next to it."""
    return Fraction(repr(float(share)))


def stratified(labels: Bools, *, ids: Ints, shares: Sequence[Fraction], seed: int, groups: Ints | None = None) -> Ints:
    """Return the position of the part to which each image goes, (n,).

    Args:
        labels: which image has which label, (n, k).
        ids: by which images are told apart, each once, (n,).
        shares: of the parts, each above 0, together 1.
        groups: images of the same number stay together, (n,); None keeps none together.

    Raises:
        SelectionError: a share is not above 0, or together they are not 1.
        ValueError: an id stands twice.
    """
    if min(shares, default=Fraction()) <= 0 or sum(shares) != 1:
        listed = ", ".join(str(float(share)) for share in shares)
        raise SelectionError(f"The shares of a division are {listed}. Give numbers above 0 that make 1 together.")
    units = _Units(labels, _hashes(ids, seed), list(range(len(ids))) if groups is None else groups.tolist())
    needs = _Needs(units, shares)
    part_of_unit: dict[int, int] = {}
    while (label := needs.rarest_label()) is not None:
        for unit in units.of_label[label]:
            if unit not in part_of_unit:
                part_of_unit[unit] = needs.deal_out(unit, needs.of_label[label])
    for unit in range(len(units.chances)):  # those without a label
        if unit not in part_of_unit:
            part_of_unit[unit] = needs.deal_out(unit, needs.of_images)
    return np.array([part_of_unit[unit] for unit in units.of_image.tolist()], dtype=np.int64)


def _hashes(ids: Ints, seed: int) -> list[bytes]:
    if len(np.unique(ids)) != len(ids):
        raise ValueError("an image id stands twice")
    return [hashlib.sha256(f"{seed} {image_id}".encode()).digest() for image_id in ids.tolist()]


class _Units:
    """Images that stay together, in the order in which they are dealt out.

    Attributes:
        of_image: the unit of each image, (n,).
        image_counts: of each unit.
        chances: of each unit, the number that decides between parts that lack the same.
        labels: of each unit, those of its images; one that several of them have stands several times.
        of_label: of each label, the units that have it, rising, each as often as it has images with it.
    """

    def __init__(self, labels: Bools, hashes: Sequence[bytes], groups: Sequence[int]) -> None:
        lowest: dict[int, bytes] = {}
        for group, digest in zip(groups, hashes, strict=True):
            lowest[group] = min(digest, lowest.get(group, digest))
        image_count = Counter(groups)
        order = sorted(lowest, key=lambda group: (-image_count[group], lowest[group]))
        place = {group: unit for unit, group in enumerate(order)}
        self.of_image = np.array([place[group] for group in groups], dtype=np.int64)
        self.image_counts = [image_count[group] for group in order]
        self.chances = [int.from_bytes(lowest[group][-CHANCE_BYTES:], "big") for group in order]
        image_index, label_index = np.nonzero(labels)
        unit_index = self.of_image[image_index]
        by_unit = np.argsort(unit_index, kind="stable")
        unit_index, label_index = unit_index[by_unit], label_index[by_unit]
        self.labels = _lists(label_index, unit_index, len(order))
        self.of_label = _lists(unit_index, label_index, labels.shape[1])


def _lists(values: Ints, keys: Ints, key_count: int) -> list[list[int]]:
    """Return the values of each key, in the order in which they stand."""
    order = np.argsort(keys, kind="stable")
    ends = np.cumsum(np.bincount(keys, minlength=key_count)).tolist()
    in_order = values[order].tolist()
    return [in_order[start:end] for start, end in pairwise([0, *ends])]


class _Needs:
    """What the parts still lack while units are dealt out, in whole numbers: `image` of them are one image.

    Attributes:
        of_images: how much of all images each part lacks; below 0 where it has more than its share.
        of_label: the same for the images of each label.
        left: of each label, how many images are not dealt out yet.
    """

    def __init__(self, units: _Units, shares: Sequence[Fraction]) -> None:
        self._units = units
        self.image = lcm(*(share.denominator for share in shares))
        weights = [int(share * self.image) for share in shares]
        self._parts = range(len(weights))
        self._bounded = [part for part in self._parts if 2 * weights[part] > self.image]
        self._unbounded = [part for part in self._parts if part not in self._bounded]
        self.left = [len(each) for each in units.of_label]
        self.of_images = [weight * sum(units.image_counts) for weight in weights]
        self.of_label = [[weight * count for weight in weights] for count in self.left]

    def rarest_label(self) -> int | None:
        """Return the label with the fewest images left; None where none has any."""
        counts = [(count, label) for label, count in enumerate(self.left) if count]
        return min(counts)[1] if counts else None

    def deal_out(self, unit: int, lacking: Sequence[int]) -> int:
        """Give a unit to the part that lacks most, and return it.

        Args:
            lacking: of which need, of each part.
        """
        part = self._neediest(unit, lacking)
        self.of_images[part] -= self.image * self._units.image_counts[unit]
        for label in self._units.labels[unit]:
            self.of_label[label][part] -= self.image
            self.left[label] -= 1
        return part

    def _neediest(self, unit: int, lacking: Sequence[int]) -> int:
        parts = self._open_parts()
        needs = [lacking[part] for part in parts]
        most = max(needs)
        if needs.count(most) == 1:
            return parts[needs.index(most)]
        equal = [part for part in parts if lacking[part] == most]
        most_images = max(self.of_images[part] for part in equal)
        neediest = [part for part in equal if self.of_images[part] == most_images]
        return neediest[self._units.chances[unit] % len(neediest)]

    def _open_parts(self) -> Sequence[int]:
        """Return the parts that may get more: all of them, while one of more than half lacks half an image or more."""
        is_full = any(2 * self.of_images[part] < self.image for part in self._bounded)
        return self._unbounded if is_full else self._parts
