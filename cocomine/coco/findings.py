"""How is a flaw told that does not stop the work?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.flaws import FLAWS, Severity

EXAMPLE_COUNT = 5
IMAGE_COUNT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of flaw in one split.

    Attributes:
        code: a stable word for machines, a key of `FLAWS`.
        split: where it was found.
        count: how often.
        message: what is wrong.
        examples: ids or file names, five at most.
        images: split and image id of images that show it, twelve at most; none where there is nothing to see.
    """

    code: str
    split: str
    count: int
    message: str
    examples: tuple[str, ...] = ()
    images: tuple[tuple[str, int], ...] = ()

    @property
    def title(self) -> str:
        """A few words in the plural."""
        return FLAWS[self.code].title

    @property
    def severity(self) -> Severity:
        """How much it can spoil a training."""
        return FLAWS[self.code].severity

    @property
    def action(self) -> str:
        """How CocoMine handles it, and what a person can do."""
        return FLAWS[self.code].action

    def as_json(self) -> dict[str, Any]:
        """Return everything about it as plain values."""
        return {
            "code": self.code,
            "split": self.split,
            "count": self.count,
            "title": self.title,
            "severity": str(self.severity),
            "message": f"{self.title}. {self.message}",
            "action": self.action,
            "examples": list(self.examples),
            "images": [{"split": split, "id": image_id} for split, image_id in self.images],
        }


Cases = Sequence[object] | NDArray[np.int64]


def finding(code: str, split: str, cases: Cases, *, images: Iterable[int] = (), **facts: object) -> list[Finding]:
    """Return one finding for the cases, or none where there is no case.

    Args:
        code: a key of `FLAWS`.
        split: where the cases are.
        cases: ids or names, one for each.
        images: ids of the split's images that show them, in any number.
        facts: fill the {fields} in its sentence.
    """
    if not len(cases):
        return []
    shown = islice(_distinct(images), IMAGE_COUNT)
    only = Finding(
        code=code,
        split=split,
        count=len(cases),
        message=FLAWS[code].sentence.format(**facts),
        examples=tuple(str(case) for case in cases[:EXAMPLE_COUNT]),
        images=tuple((split, image_id) for image_id in shown),
    )
    return [only]


def _distinct(ids: Iterable[int]) -> Iterable[int]:
    seen: set[int] = set()
    for each in ids:
        if each not in seen:
            seen.add(each)
            yield int(each)


def by_weight(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with those that are worst first, and each kind in one place."""
    order = sorted(FLAWS, key=lambda code: list(Severity).index(FLAWS[code].severity))
    return sorted(findings, key=lambda found: order.index(found.code))
