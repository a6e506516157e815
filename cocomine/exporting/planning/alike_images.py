"""Which images of a subset are the same, though they are listed apart?

Where images are divided, those that are alike stay on one side: a network that saw an image, or a smaller copy of it,
in training is not judged by it. Images of one file name always do (see `mining.selection.file_groups`). The sets that
were found go into the recipe, so that a replay gives the same sides, be the files there or not. What is alike across
the dataset's own splits is told, and stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cocomine.coco.dataset import DatasetImage
from cocomine.coco.equal_files import equal_files
from cocomine.coco.image_hash import image_hashes
from cocomine.mining.selection.near_duplicates import near_duplicates
from cocomine.mining.selection.recipe import Recipe
from cocomine.mining.selection.selection import Subset
from cocomine.system.jobs import Progress
from cocomine.wording import counted

MOST_NAMED = 3
"""So many sets of images are named in a sentence."""


class Likeness(StrEnum):
    """What makes two images the same."""

    NAMES = "names"
    """the same file name, in one split"""
    FILES = "files"
    """also equal files, byte for byte"""
    NEAR_DUPLICATES = "near-duplicates"
    """also images that look nearly the same: scaled, saved again, with other colours"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlikeImages:
    """Which images are alike, beside those of the same file name.

    Attributes:
        sets: images that are alike, two at least, in the order of the subset.
        unread_count: images without a file, or with one that cannot be read: they are like none.
    """

    sets: tuple[tuple[DatasetImage, ...], ...] = ()
    unread_count: int = 0

    @property
    def across_splits(self) -> tuple[tuple[DatasetImage, ...], ...]:
        """The sets with images of several splits."""
        return tuple(images for images in self.sets if len({image.split.name for image in images}) > 1)

    def within(self, split_name: str) -> tuple[tuple[DatasetImage, ...], ...]:
        """Return the sets among the images of one split."""
        sets = (tuple(image for image in images if image.split.name == split_name) for images in self.sets)
        return tuple(images for images in sets if len(images) > 1)


def alike_images(subset: Subset, likeness: Likeness, progress: Progress) -> AlikeImages:
    """Return which images of a subset are alike; reads image files.

    Args:
        progress: gets how many files are done of how many.

    Raises:
        OSError: a file is gone, or cannot be read.
    """
    if likeness is Likeness.NAMES:
        return AlikeImages()
    images = [part.split.image_at(index) for part in subset.parts for index in part.image_index.tolist()]
    paths = [image.path for image in images]
    if likeness is Likeness.FILES:
        found, unread_count = equal_files(paths, progress), paths.count(None)
    else:
        hashes = image_hashes(paths, progress)
        found, unread_count = near_duplicates(hashes), hashes.count(None)
    sets = tuple(tuple(images[place] for place in places) for places in found)
    return AlikeImages(sets=sets, unread_count=unread_count)


def keeping_together(recipe: Recipe, alike: AlikeImages) -> Recipe:
    """Return a recipe whose division leaves images that are alike on one side; where nothing is divided, the same."""
    if not recipe.is_divided:
        return recipe
    divided_split = recipe.division.val_from or recipe.sources[0].split
    together = tuple(tuple(image.key for image in images) for images in alike.within(divided_split))
    return replace(recipe, division=replace(recipe.division, together=together))


def across_sentence(alike: AlikeImages, likeness: Likeness) -> str | None:
    """Return which images are alike though the dataset has them in several splits; None where there are none."""
    sets = alike.across_splits
    if not sets:
        return None
    how = "nearly the same" if likeness is Likeness.NEAR_DUPLICATES else "equal, byte for byte,"
    named = [" and ".join(_names_by_split(images)) for images in sets[:MOST_NAMED]]
    rest = [f"{len(sets) - MOST_NAMED:,} more"] if len(sets) > MOST_NAMED else []
    is_one = len(sets) == 1
    return (
        f"{counted(len(sets), 'image')} {'is' if is_one else 'are'} {how} in several splits, where "
        f"{'it stays' if is_one else 'they stay'}: {'; '.join([*named, *rest])}."
    )


def _names_by_split(images: Sequence[DatasetImage]) -> list[str]:
    """Return the first of the images of each split, with its split."""
    first = {image.split.name: image.file_name for image in reversed(images)}
    return [f"{name} ({split})" for split, name in reversed(first.items())]
