"""Which share of each class did each split get?

A table to look at before one trusts a division: a class of few images cannot be dealt out evenly, and what is even in
images need not be so in objects.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.mining.selection.selection import Subset, SubsetSplit


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassShares:
    """How much of one class each split has.

    Attributes:
        name: of the class.
        image_counts: images of each split with the class, crowd regions included.
        object_counts: objects of each split, crowd regions left out.
    """

    name: str
    image_counts: tuple[int, ...]
    object_counts: tuple[int, ...]

    @property
    def image_shares(self) -> tuple[float, ...] | None:
        """Of the class' images, in [0, 1]; None where it has none."""
        return _shares(self.image_counts)

    @property
    def object_shares(self) -> tuple[float, ...] | None:
        """Of the class' objects, in [0, 1]; None where it has none."""
        return _shares(self.object_counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShares:
    """Which share of each class each split got.

    Attributes:
        splits: their names, in the order of all counts.
        image_counts: images of each split.
        classes: the selected ones, in their order.
    """

    splits: tuple[str, ...]
    image_counts: tuple[int, ...]
    classes: tuple[ClassShares, ...]

    @property
    def image_shares(self) -> tuple[float, ...] | None:
        """Of all images, in [0, 1]; None where there are none."""
        return _shares(self.image_counts)

    def largest_deviation(self, asked: Sequence[float], *, min_images: int = 1) -> float:
        """Return by how much a class' share of images differs at most from what was asked of a split, in [0, 1].

        Args:
            asked: share of each split.
            min_images: classes of fewer images are left out; of 1 image no share but 0 and 1 can be had.
        """
        shares = [each.image_shares for each in self.classes if sum(each.image_counts) >= min_images]
        reached = [zip(each, asked, strict=True) for each in shares if each is not None]
        return max((abs(share - wanted) for pairs in reached for share, wanted in pairs), default=0.0)


def split_shares(subset: Subset, parts: Sequence[SubsetSplit]) -> SplitShares:
    """Return which share of each selected class the parts of a subset, as it was divided, have."""
    counts = [subset.class_counts(part) for part in parts]
    return SplitShares(
        splits=tuple(part.split.name for part in parts),
        image_counts=tuple(len(part.image_index) for part in parts),
        classes=tuple(
            ClassShares(
                name=name,
                image_counts=tuple(each["image_counts"][name] for each in counts),
                object_counts=tuple(each["instance_counts"][name] for each in counts),
            )
            for name in subset.selection.classes
        ),
    )


def _shares(counts: Sequence[int]) -> tuple[float, ...] | None:
    total = sum(counts)
    return tuple(count / total for count in counts) if total else None
