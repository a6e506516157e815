"""Which images is each arm of a claim check trained on, so that all have the same number?

A few images are set aside first, the same for all arms: they are looked at while training goes on, and train nobody.
Arms of mined images take the first ones with a selected class, in a random order; an arm that is half without takes the
first half of the same images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.claim.arms import ARMS, Images
from cocomine.claim.image_pools import Pool
from cocomine.claim.records import ClaimSettings
from cocomine.coco.arrays import Bools, Ints
from cocomine.errors import ClaimError
from cocomine.wording import counted

MOST_VALIDATION = 16
"""With a selected class, and as many without."""
VALIDATION_SHARE = 0.1
"""Of the images that may train, at most."""
FEWEST_WITH_CLASS = 4
"""Training images with a selected class."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmImages:
    """The training and validation images of all arms, as positions in the split of their pool.

    Attributes:
        is_positive: which images of the split have a selected class, (images,).
        validation: the same for all arms.
        train: by where an arm's images are drawn from.
        notices: what is not as it was asked for.
    """

    pool: Pool
    is_positive: Bools
    validation: Ints
    train: dict[Images, Ints]
    notices: tuple[str, ...]

    def train_of(self, images: Images) -> Ints:
        """Return the training images of an arm."""
        return self.train[images]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Candidates:
    """Images that may train, each in a random order: with a selected class, without, and both."""

    with_class: Ints
    without: Ints
    shuffled: Ints


def arm_images(pool: Pool, settings: ClaimSettings, selected: Sequence[int], rng: np.random.Generator) -> ArmImages:
    """Return the images of all arms.

    Args:
        pool: images in a random order.
        selected: positions of the selected classes.
        rng: for the order in which random images come.

    Raises:
        ClaimError: there are too few with a selected class, or none without where an arm needs them.
    """
    is_positive = np.asarray(pool.has[:, selected].any(axis=1))
    is_with = is_positive[pool.image_index]
    looked_at, with_class = _set_aside(pool.image_index[is_with], fewest=1)
    looked_at_without, without = _set_aside(pool.image_index[~is_with], fewest=0)
    kinds = {ARMS[name].images for name in settings.arms}
    _refuse_too_few(pool, settings, len(with_class), len(without))
    count = _equal_count(settings, len(with_class), len(without))
    shuffled = rng.permutation(np.concatenate([with_class, without]))
    candidates = _Candidates(with_class=with_class, without=without, shuffled=shuffled)
    if settings.equal == "images":
        train = {kind: _images(kind, candidates, count) for kind in kinds}
    else:
        train = {kind: _positives(kind, candidates, count, is_positive) for kind in kinds}
    return ArmImages(
        pool=pool,
        is_positive=is_positive,
        validation=np.concatenate([looked_at, looked_at_without]),
        train=train,
        notices=_notices(pool, settings, count, len(with_class)),
    )


def _set_aside(images: Ints, *, fewest: int) -> tuple[Ints, Ints]:
    """Return a few of some images to look at while training goes on, and the others."""
    count = max(fewest, min(MOST_VALIDATION, int(VALIDATION_SHARE * len(images))))
    return images[:count], images[count:]


def _refuse_too_few(pool: Pool, settings: ClaimSettings, with_count: int, without_count: int) -> None:
    names = " or ".join(settings.classes)
    if with_count < FEWEST_WITH_CLASS:
        raise ClaimError(
            f"{pool.split.name}: only {counted(with_count, 'training image')} with {names}; {FEWEST_WITH_CLASS} "
            "are the least. Choose more frequent classes, or a dataset with more images."
        )
    if _needs_others(settings) and not without_count:
        raise ClaimError(
            f"{pool.split.name}: every image has {names}, so no arm can be half without. Leave out arm E, choose fewer "
            "classes, or take a dataset with other images as well."
        )


def _needs_others(settings: ClaimSettings) -> bool:
    return any(ARMS[name].images is Images.HALF for name in settings.arms)


def _equal_count(settings: ClaimSettings, with_count: int, without_count: int) -> int:
    """Return how many images, or images with a selected class, all arms can have."""
    count = min(settings.train_image_count, with_count)
    if not _needs_others(settings):
        return count
    if settings.equal == "positives":
        return min(count, without_count)
    count = min(count, 2 * without_count)
    return count - count % 2


def _images(kind: Images, candidates: _Candidates, count: int) -> Ints:
    """Return so many training images of one kind."""
    if kind is Images.MINED:
        return candidates.with_class[:count]
    if kind is Images.HALF:
        return np.concatenate([candidates.with_class[: count // 2], candidates.without[: count // 2]])
    return candidates.shuffled[:count]


def _positives(kind: Images, candidates: _Candidates, count: int, is_positive: Bools) -> Ints:
    """Return training images of one kind with so many that have a selected class."""
    if kind is Images.MINED:
        return candidates.with_class[:count]
    if kind is Images.HALF:
        return np.concatenate([candidates.with_class[:count], candidates.without[:count]])
    place_of_last = np.flatnonzero(is_positive[candidates.shuffled])[count - 1]
    return candidates.shuffled[: place_of_last + 1]


def _notices(pool: Pool, settings: ClaimSettings, count: int, with_count: int) -> tuple[str, ...]:
    if count >= settings.train_image_count - settings.train_image_count % 2:
        return ()
    which = "" if settings.equal == "images" else " with a selected class"
    return (
        f"Each arm has {counted(count, 'training image')}{which} instead of {settings.train_image_count:,}: "
        f"{pool.split.name} has {with_count:,} with {' or '.join(settings.classes)} that may train.",
    )
