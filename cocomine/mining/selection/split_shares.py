"""Which share of each class did each split get?

A table to look at before one trusts a division: a class of few images cannot be dealt out evenly, and what is even in
images need not be so in objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cocomine.mining.selection.selection import Subset, SubsetSplit
from cocomine.wording import percent

FEWEST_IMAGES = 5
"""Of a class, to be asked for a share: of 2 images no side can have 20 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCounts:
    """How much of one class each split has.

    Attributes:
        name: of the class.
        image_counts: images of each split with the class, crowd regions included.
        object_counts: objects of each split, crowd regions left out.
    """

    name: str
    image_counts: tuple[int, ...]
    object_counts: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How far a class' share of images is from what was asked of a split, both in [0, 1].

    Attributes:
        image_count: of the class, in all splits that were made.
    """

    name: str
    split: str
    share: float
    asked: float
    image_count: int

    @property
    def size(self) -> float:
        """The difference, in [0, 1]."""
        return abs(self.share - self.asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitShares:
    """Which share of each class each split got.

    Attributes:
        splits: their names, in the order of all counts.
        asked: share of each split that a division made, by name; empty where the dataset's own splits stay.
        image_counts: images of each split.
        classes: the selected ones, in their order.
    """

    splits: tuple[str, ...]
    asked: Mapping[str, float]
    image_counts: tuple[int, ...]
    classes: tuple[ClassCounts, ...]

    def shares(self, counts: Sequence[int]) -> dict[str, float]:
        """Return the share of each split that a division made, or of each where none did, in [0, 1]; of 0 none.

        Args:
            counts: by split, as those of a class.
        """
        compared = {name: count for name, count in zip(self.splits, counts, strict=True) if name in self.compared}
        total = sum(compared.values())
        return {name: count / total for name, count in compared.items()} if total else {}

    def largest_deviation(self, *, min_images: int = FEWEST_IMAGES) -> Deviation | None:
        """Return where a class' share of images differs most from what was asked; None where nothing was.

        Of two splits from which it differs equally, the one of which less was asked.

        Args:
            min_images: classes of fewer images are left out.
        """
        found = [each for counts in self.classes for each in self._deviations(counts) if each.image_count >= min_images]
        return max(found, key=lambda each: (round(each.size, 12), -each.asked), default=None)

    def as_json(self) -> dict[str, Any]:
        """Return what was asked and reached, for a manifest."""
        deviation = self.largest_deviation()
        largest = {"class": deviation.name, "split": deviation.split, "share": deviation.share} if deviation else None
        return {
            "asked": dict(self.asked),
            "reached": self.shares(self.image_counts),
            "classes": {each.name: self.shares(each.image_counts) for each in self.classes},
            "largest_deviation": largest,
        }

    @property
    def compared(self) -> tuple[str, ...]:
        """The splits that have a share: those that a division made, or all where none did."""
        return tuple(self.asked) or self.splits

    def _deviations(self, counts: ClassCounts) -> list[Deviation]:
        reached = self.shares(counts.image_counts)
        own = dict(zip(self.splits, counts.image_counts, strict=True))
        total = sum(own[name] for name in self.asked)
        return [
            Deviation(name=counts.name, split=split, share=reached[split], asked=asked, image_count=total)
            for split, asked in self.asked.items()
            if split in reached
        ]


def split_shares(subset: Subset, parts: Sequence[SubsetSplit], asked: Mapping[str, float]) -> SplitShares:
    """Return which share of each selected class the parts of a subset have.

    Args:
        parts: as the subset was divided.
        asked: share of each split that a division made, by name.
    """
    counts = [subset.class_counts(part) for part in parts]
    return SplitShares(
        splits=tuple(part.split.name for part in parts),
        asked=asked,
        image_counts=tuple(len(part.image_index) for part in parts),
        classes=tuple(
            ClassCounts(
                name=name,
                image_counts=tuple(each["image_counts"][name] for each in counts),
                object_counts=tuple(each["instance_counts"][name] for each in counts),
            )
            for name in subset.selection.classes
        ),
    )


def shares_sentence(shares: SplitShares) -> str:
    """Return what each split has of all images and, where they were divided, how far the worst class is from it."""
    reached = shares.shares(shares.image_counts)
    told = [
        f"{name} {percent(share, decimals=0)}"
        + (f" (asked: {percent(shares.asked[name], decimals=0)})" if name in shares.asked else "")
        for name, share in reached.items()
    ]
    return " ".join(filter(None, [f"Images: {', '.join(told)}.", deviation_sentence(shares)]))


def deviation_sentence(shares: SplitShares) -> str:
    """Return how far the worst class is from the shares that were asked for, "" where none were."""
    if not shares.asked:
        return ""
    deviation = shares.largest_deviation()
    if deviation is None:
        return f"No class has {FEWEST_IMAGES} images: shares of so few tell little."
    share, asked = percent(deviation.share, decimals=0), percent(deviation.asked, decimals=0)
    return (
        f"Largest deviation of a class with {FEWEST_IMAGES} images or more: {deviation.name}, of whose "
        f"{deviation.image_count:,} images {share} are in {deviation.split} (asked: {asked})."
    )
