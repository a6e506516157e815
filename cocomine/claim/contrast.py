"""On which test images do two arms differ most?

An arm's score on an image is the mean over its seeds of the IoU of all selected classes together, from the pixels of
that image alone: right pixels by those that are true or predicted. Where there are neither, nothing is wrong: 1.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from cocomine.claim.arm_runs import runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts_file import read_run_counts
from cocomine.claim.records import Comparison, Protocol

MOST_IMAGES = 6
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """A test image on which two arms differ; both scores are in [0, 1]."""

    image_id: int
    first: float
    second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrasts:
    """The images on which the first arm is furthest ahead, and those on which the second is; fewer where few differ."""

    first_ahead: tuple[Contrast, ...]
    second_ahead: tuple[Contrast, ...]


def contrasts(folder: Path, protocol: Protocol, comparison: Comparison, *, most: int = MOST_IMAGES) -> Contrasts:
    """Return on which test images two arms differ most, the largest difference first, of equal ones the lowest id.

    Args:
        folder: of the claim check.
        protocol: its protocol.
        comparison: the arms and their steps.
        most: images of each kind.

    Raises:
        ClaimError: the counts of a run are missing or damaged.
    """
    steps = comparison.steps
    first, second = (image_scores(folder, protocol, arm, steps) for arm in (comparison.first, comparison.second))
    ahead = first - second
    ids = np.array(protocol.test.image_ids)

    def of(order: npt.NDArray[np.int64], sign: int) -> tuple[Contrast, ...]:
        chosen = [index for index in order[:most] if sign * ahead[index] > 0]
        return tuple(
            Contrast(image_id=int(ids[index]), first=float(first[index]), second=float(second[index]))
            for index in chosen
        )

    return Contrasts(first_ahead=of(np.lexsort((ids, -ahead)), 1), second_ahead=of(np.lexsort((ids, ahead)), -1))


def image_scores(folder: Path, protocol: Protocol, arm: ArmName, steps: int) -> FloatArray:
    """Return the score of an arm on each test image, (n,) in [0, 1].

    Raises:
        ClaimError: see `contrasts`.
    """
    runs = [run for run in runs_of(protocol) if (run.arm, run.steps) == (arm, steps)]
    return np.asarray(np.mean([_of_run(run.counts_path(folder), protocol) for run in runs], axis=0))


def _of_run(path: Path, protocol: Protocol) -> FloatArray:
    counts = read_run_counts(path, protocol)
    right = counts.right.sum(axis=1)
    union = (counts.true + counts.predicted - counts.right).sum(axis=1)
    return np.asarray(np.divide(right, union, out=np.ones(len(union)), where=union > 0))
