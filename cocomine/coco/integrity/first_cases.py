"""What is kept of the annotations with a flaw, while a split is looked at piece by piece?

Their number, and as many of the first ones as a finding shows.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Split
from cocomine.coco.findings import EXAMPLE_COUNT, IMAGE_COUNT, Finding, finding


def _nowhere() -> Ints:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FirstCases:
    """Annotations with one flaw.

    Attributes:
        count: of all.
        positions: of some, rising: the first `EXAMPLE_COUNT`, and the first in each of `IMAGE_COUNT` images, (f,).
        image_index: positions of the images of these, (f,).
    """

    count: int = 0
    positions: Ints = field(default_factory=_nowhere)
    image_index: Ints = field(default_factory=_nowhere)

    def followed_by(self, is_case: Bools, image_index: Ints, start: int) -> "FirstCases":
        """Return these cases and those of the next piece.

        Args:
            is_case: which annotations of the piece have the flaw, (p,).
            image_index: positions of their images, (p,).
            start: position of the first of them.
        """
        count = self.count + int(np.count_nonzero(is_case))
        if count == self.count or len(np.unique(self.image_index)) >= IMAGE_COUNT:
            return replace(self, count=count)
        cases = np.flatnonzero(is_case)
        _, firsts = np.unique(image_index[cases], return_index=True)
        examples = np.arange(min(EXAMPLE_COUNT, len(cases)))
        shown = cases[np.union1d(examples, np.sort(firsts)[:IMAGE_COUNT])]
        return FirstCases(
            count=count,
            positions=np.concatenate([self.positions, shown + start]),
            image_index=np.concatenate([self.image_index, image_index[shown]]),
        )

    def found(self, code: str, split: Split) -> list[Finding]:
        """Return one finding for these annotations of a split, or none where there is none."""
        ids, images = split.annotations.ids[self.positions], split.images.ids[self.image_index]
        return [replace(each, count=self.count) for each in finding(code, split.name, ids, images=images)]
