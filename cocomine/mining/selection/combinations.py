"""Which of the selected classes meet in how many images?

Each image that holds a selected class belongs to exactly one combination: the set of all selected classes in it. So the
counts of the combinations sum to what mode "any" selects, and that of the full set is what mode "all" selects. Excluded
classes, licences and images excluded by hand hold as everywhere; the mode does not.

Source: A. Lex, N. Gehlenborg, H. Strobelt, R. Vuillemot, H. Pfister, UpSet: Visualization of
Intersecting Sets, 2014, https://doi.org/10.1109/TVCG.2014.2346248
"""

from dataclasses import dataclass, replace

import numpy as np

from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.wording import join_names

MOST_CLASSES = 12
"""Classes compared at most; of 12 there are 4,095 combinations, and more rows are hard to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """The images that hold these of the compared classes and no other of them."""

    classes: tuple[str, ...]
    image_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CombinationTable:
    """Every combination of the selected classes that occurs.

    Attributes:
        classes: those compared, in the order of the selection.
        image_counts: images with each of `classes`.
        left_out: selected classes that are not compared, because others have more images.
        combinations: the one in most images first, of equal ones the smaller, then in the order of `classes`.
    """

    classes: tuple[str, ...]
    image_counts: tuple[int, ...]
    left_out: tuple[str, ...]
    combinations: tuple[Combination, ...]

    @property
    def image_count(self) -> int:
        """Images with at least one of the compared classes."""
        return sum(each.image_count for each in self.combinations)


def combination_table(candidates: CandidateImages, selection: Selection) -> CombinationTable:
    """Return in how many images each combination of the selected classes occurs, whatever the mode.

    Args:
        selection: of more than `MOST_CLASSES` classes those with most images are compared.

    Raises:
        SelectionError: a class is unknown.
    """
    some = candidates.images(replace(selection, mode=Mode.ANY))
    chosen = candidates.class_index.kept.presence[:, candidates.index_of(selection.classes)][some]  # (images, classes)
    image_counts = chosen.sum(axis=0)
    compared = sorted(np.argsort(-image_counts, kind="stable")[:MOST_CLASSES].tolist())
    names = tuple(selection.classes[index] for index in compared)
    codes = chosen[:, compared] @ (1 << np.arange(len(compared)))
    found = [
        Combination(classes=_named(code, names), image_count=int(count))
        for code, count in enumerate(np.bincount(codes.astype(np.int64)))
        if code and count
    ]
    return CombinationTable(
        classes=names,
        image_counts=tuple(image_counts[compared].tolist()),
        left_out=tuple(name for name in selection.classes if name not in names),
        combinations=tuple(sorted(found, key=lambda each: _rank(each, names))),
    )


def combination_sentence(combination: Combination, table: CombinationTable) -> str:
    """Return a combination as a sentence: "84 images have bus and person and no other of your classes."."""
    count = combination.image_count
    having = f"{count:,} image has" if count == 1 else f"{count:,} images have"
    if table.left_out:
        return f"{having} {join_names(combination.classes)} and no other of the {len(table.classes)} classes shown."
    if len(combination.classes) == len(table.classes):
        every = {1: "", 2: "both "}.get(len(table.classes), f"all {len(table.classes)}: ")
        return f"{having} {every}{join_names(combination.classes)}."
    return f"{having} {join_names(combination.classes)} and no other of your classes."


def _named(code: int, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for index, name in enumerate(names) if code >> index & 1)


def _rank(combination: Combination, names: tuple[str, ...]) -> tuple[int, int, list[int]]:
    indices = [names.index(name) for name in combination.classes]
    return -combination.image_count, len(indices), indices
