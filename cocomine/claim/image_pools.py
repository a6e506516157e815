"""Which images may train the arms of a claim check, and which may judge them?

No file is on both sides, under whatever name: of images that are one file the first alone is taken, and a file of the
test split is in no other. Where the dataset has no split for validation or testing, a share of its images is held out
before anything else is drawn.
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Dataset, ImageKey, Split
from cocomine.coco.split_role import SplitRole
from cocomine.mining.selection.file_groups import joined_groups
from cocomine.mining.statistics.categories import split_presence

HELD_OUT_SHARE = 0.3
"""Of a dataset's images, for testing, where it has no split for that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What the disk says of a dataset's images, which a plan must know and does not look up.

    Attributes:
        unusable: images without a file, or excluded by hand.
        alike: sets of images of equal files, beside those of one name in one folder.
    """

    unusable: frozenset[ImageKey] = frozenset()
    alike: tuple[tuple[ImageKey, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pool:
    """Images of one split, in a random order.

    Attributes:
        split: of the dataset.
        image_index: their positions in it, (n,).
        has: which category is in which image of the whole split, (images, categories).
    """

    split: Split
    image_index: Ints
    has: Bools

    def of(self, image_index: Ints) -> Bools:
        """Return which category is in which of some images, (n, categories)."""
        return np.asarray(self.has[image_index])

    def keys(self, image_index: Ints) -> tuple[ImageKey, ...]:
        """Return by which names the dataset gives some images, by rising id."""
        return tuple((self.split.name, image_id) for image_id in sorted(self.split.images.ids[image_index].tolist()))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pools:
    """The images that may train, and those that may judge; no file is in both.

    Attributes:
        train: may train, and be looked at while that goes on.
        test: may judge.
        leak_count: images that may not train since their file is one of the test split.
    """

    train: Pool
    test: Pool
    leak_count: int

    @property
    def is_held_out(self) -> bool:
        """Whether both are of one split."""
        return self.train.split.name == self.test.split.name


def image_pools(dataset: Dataset, facts: ImageFacts, rng: np.random.Generator) -> Pools:
    """Return the images to train and to test on."""
    test, train = _splits_for(dataset)
    usable, leak_count = _usable(list(dict.fromkeys((test.name, train.name))), dataset, facts)
    has = {split.name: split_presence(split, len(dataset.categories)) for split in (test, train)}
    if test.name == train.name:
        shuffled = rng.permutation(usable[0])
        count = round(HELD_OUT_SHARE * len(shuffled))
        halves = shuffled[:count], shuffled[count:]
    else:
        halves = rng.permutation(usable[0]), rng.permutation(usable[1])
    return Pools(
        test=Pool(split=test, image_index=halves[0], has=has[test.name]),
        train=Pool(split=train, image_index=halves[1], has=has[train.name]),
        leak_count=leak_count,
    )


def _splits_for(dataset: Dataset) -> tuple[Split, Split]:
    """Return the split to test on and the one to train on; they are one where there is none for testing."""
    with_objects = [split for split in dataset.splits if len(split.annotations)] or list(dataset.splits)
    largest = max(with_objects, key=lambda split: len(split.images))
    for role in (SplitRole.VAL, SplitRole.TEST):
        for split in with_objects:
            if split.role is role and len(with_objects) > 1:
                others = [each for each in with_objects if each is not split]
                train = [each for each in others if each.role is SplitRole.TRAIN] or others
                return split, max(train, key=lambda each: len(each.images))
    return largest, largest


def _usable(names: Sequence[str], dataset: Dataset, facts: ImageFacts) -> tuple[list[Ints], int]:
    """Return the positions of the images of each split whose file is there and in no earlier place, by rising id.

    Also how many images of the second split are left out since the first has their file.
    """
    splits = [dataset.split(name) for name in names]
    keys = [(split.name, image_id) for split in splits for image_id in split.images.ids.tolist()]
    groups = joined_groups(len(keys), [*_of_one_name(splits), *_places(keys, facts)])
    offsets = np.cumsum([0, *(len(split.images) for split in splits)])
    taken, usable, leak_count = np.zeros(0, dtype=np.int64), list[Ints](), 0
    for split, offset in zip(splits, offsets[:-1].tolist(), strict=True):
        order = np.argsort(split.images.ids, kind="stable")
        own = groups[offset + order]
        is_leak = np.isin(own, taken)
        is_first = np.isin(np.arange(len(own)), np.unique(own, return_index=True)[1])
        is_there = np.array([keys[offset + place] not in facts.unusable for place in order.tolist()], dtype=bool)
        usable.append(order[is_first & is_there & ~is_leak])
        leak_count += int(np.count_nonzero(is_leak & is_there))
        taken = np.union1d(taken, own)
    return usable, leak_count


def _of_one_name(splits: Sequence[Split]) -> list[list[int]]:
    """Return the places of images that have one name in one folder: they are one file."""
    by_name: dict[tuple[object, str], list[int]] = {}
    names = ((split, name) for split in splits for name in split.images.file_names)
    for place, (split, name) in enumerate(names):
        folder = split.image_folder or split.name
        by_name.setdefault((folder, posixpath.normpath(name)), []).append(place)
    return [places for places in by_name.values() if len(places) > 1]


def _places(keys: Sequence[ImageKey], facts: ImageFacts) -> list[list[int]]:
    if not facts.alike:
        return []
    place_of = {key: place for place, key in enumerate(keys)}
    return [[place_of[key] for key in images if key in place_of] for images in facts.alike]
