"""How are the predictions of the runs kept until they are compared?"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cocomine.claim.arms import ArmName

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmCounts:
    """Pixels at native size of the runs of one arm at one number of steps, by seed, test image and selected class.

    Attributes:
        seeds: of the runs, (s,).
        right: true and predicted, (s, n, k).
        predicted: (s, n, k); on images without the class these are false alarms.
        true: (n, k); the same for all arms and seeds.
    """

    arm: ArmName
    steps: int
    seeds: tuple[int, ...]
    right: IntArray
    predicted: IntArray
    true: IntArray

    @property
    def union(self) -> IntArray:
        """Pixels that are true or predicted, (s, n, k)."""
        return np.asarray(self.predicted + self.true - self.right)
