"""Which differences of a claim check stand together, in the chart, on the page and in the report?"""

from dataclasses import dataclass

from cocomine.claim.arms import ARMS, ArmName
from cocomine.claim.number_words import with_interval
from cocomine.claim.records import Comparison, Difference, Result, TestSet
from cocomine.claim.sentences import is_claimed

TEST_SET_WORDS: dict[TestSet, str] = {
    "T1": "test images with a selected class",
    "T2": "natural mix",
    "T0": "test images without a selected class",
}
FOREST_HEADER = ("Class", "Test images with a selected class", "Natural mix")
"""Over the columns of the chart in words."""
MEAN = "mIoU (your classes)"
"""The name of the row of all classes together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two arms at one number of steps."""

    first: ArmName
    second: ArmName
    steps: int

    @property
    def words(self) -> str:
        """What is compared, such as "selected images only − all labels (A − C), 150 steps"."""
        return f"{self.arm_words}, {self.steps:,} steps"

    @property
    def arm_words(self) -> str:
        """Which arms are compared, such as "selected images only − half without the classes (A − E)"."""
        return f"{ARMS[self.first].words} − {ARMS[self.second].words} ({self.short})"

    @property
    def short(self) -> str:
        """The letters of the arms, such as "A − E"."""
        return f"{self.first} − {self.second}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForestRow:
    """One class, or the mean over all of them, with the difference of a pair of arms on both sets of test images.

    Attributes:
        on_class_images: on the test images with a selected class; None where it was not computed.
        on_natural_mix: on the images as they come; None where it was not computed.
    """

    name: str
    on_class_images: Difference | None
    on_natural_mix: Difference | None

    @property
    def both(self) -> tuple[Difference | None, Difference | None]:
        """The differences in the order of the columns."""
        return self.on_class_images, self.on_natural_mix


def pair_of(comparison: Comparison) -> Pair:
    """Return the arms and steps of a comparison."""
    return Pair(first=comparison.first, second=comparison.second, steps=comparison.steps)


def pairs(result: Result) -> tuple[Pair, ...]:
    """Return what was compared, each once: the primary pair first, then in the order of the result."""
    return tuple(dict.fromkeys(pair_of(difference.comparison) for difference in result.differences))


def forest_rows(result: Result, pair: Pair) -> tuple[ForestRow, ...]:
    """Return the mean and each class of a pair of arms; nothing where the pair has no IoU."""
    found = {
        (difference.class_name, difference.comparison.test_set): difference
        for difference in result.differences
        if difference.what in {"mean", "class"} and difference.rival is None and pair_of(difference.comparison) == pair
    }
    names = dict.fromkeys(name for name, _ in found)
    return tuple(
        ForestRow(name=name or MEAN, on_class_images=found.get((name, "T1")), on_natural_mix=found.get((name, "T2")))
        for name in sorted(names, key=lambda name: name is not None)  # the mean on top, the classes as they come
    )


def false_alarms(result: Result) -> tuple[Difference, ...]:
    """Return the differences of pixels that were predicted on images without a selected class."""
    return tuple(difference for difference in result.differences if difference.what == "false alarms")


def learning_speeds(result: Result) -> tuple[tuple[Difference, ...], ...]:
    """Return the mean differences of the same arms on the same test images at several numbers of steps.

    In each group the fewest steps come first. A difference that shrinks with more steps is one of learning speed, not
    of interference.
    """
    groups: dict[tuple[ArmName, ArmName, TestSet], list[Difference]] = {}
    for difference in result.differences:
        if difference.what == "mean" and difference.rival is None:
            comparison = difference.comparison
            groups.setdefault((comparison.first, comparison.second, comparison.test_set), []).append(difference)
    several = [group for group in groups.values() if len(group) > 1]
    return tuple(tuple(sorted(group, key=lambda difference: difference.comparison.steps)) for group in several)


def what_words(difference: Difference) -> str:
    """Return what of the arms is compared, such as "IoU of apple" or "mIoU, images without a pear"."""
    kinds = {"mean": "mIoU", "class": f"IoU of {difference.class_name}", "learning speed": "mIoU, change of the lead"}
    what = kinds.get(difference.what, difference.what)
    if difference.rival is None:
        return what
    return f"{what}, images {'with' if difference.with_rival else 'without'} {difference.rival}"


def forest_cells(row: ForestRow) -> tuple[str, ...]:
    """Return what a row of the chart says in words, for both sets of test images."""
    return tuple("–" if difference is None else told_words(difference) for difference in row.both)


def told_words(difference: Difference) -> str:
    """Return a difference with its interval, and whether it can be told from zero."""
    words = with_interval(difference)
    return words if is_claimed(difference) else f"{words}, cannot be told"
