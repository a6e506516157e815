"""How is a flaw told that does not stop the work?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

EXAMPLE_COUNT = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of flaw.

    Attributes:
        code: a stable word for machines.
        split: where it was found.
        count: how often.
        message: one sentence: what it is and what CocoMine does about it.
        examples: ids or file names, five at most.
    """

    code: str
    split: str
    count: int
    message: str
    examples: tuple[str, ...] = ()


def finding(code: str, split: str, message: str, cases: Sequence[object] | NDArray[np.int64]) -> list[Finding]:
    """Return one finding for the cases, or none where there is no case."""
    if not len(cases):
        return []
    examples = tuple(str(case) for case in cases[:EXAMPLE_COUNT])
    return [Finding(code=code, split=split, count=len(cases), message=message, examples=examples)]
