"""What did the network of one run predict on the test images?

`tests/<arm>-<steps>-<seed>.npz` holds pixels by image and class. It appears whole, and the same counts give the same
bytes. It is read as if a stranger had written it: what does not fit the protocol is not judged.
"""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cocomine.claim.arm_runs import ArmRun, runs_of
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts, IntArray
from cocomine.claim.records import Protocol
from cocomine.errors import ClaimError
from cocomine.system.files import atomic_file
from cocomine.system.space import writing_to

_DAMAGED = (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile, zlib.error, NotImplementedError)
_PIXELS = ("right", "predicted", "true", "ignored")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RunCounts:
    """Pixels at native size of one run, by test image and selected class, each (n, k).

    Attributes:
        image_ids: the test images, (n,).
        right: true and predicted.
        predicted: on pixels that are judged.
        true: on pixels that are judged.
        ignored: true pixels that are not judged, since the label rules of the arms differ there.
    """

    image_ids: tuple[int, ...]
    right: IntArray
    predicted: IntArray
    true: IntArray
    ignored: IntArray

    @property
    def ignored_share(self) -> float:
        """The share of the classes' true pixels that are not judged, in [0, 1]; 0 where there are none."""
        whole = int(self.true.sum() + self.ignored.sum())
        return int(self.ignored.sum()) / whole if whole else 0.0

    def mean_iou(self, is_chosen: np.ndarray) -> float | None:
        """Return the mean over classes with true pixels of the IoU on some images, (n,); None where there is none."""
        true, right, predicted = (each[is_chosen].sum(axis=0) for each in (self.true, self.right, self.predicted))
        has_true = true > 0
        union = (true + predicted - right)[has_true]
        return float((right[has_true] / union).mean()) if has_true.any() else None


def write_run_counts(path: Path, counts: RunCounts) -> None:
    """Write what one run predicted, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    columns = {name: getattr(counts, name) for name in _PIXELS}
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as file:
            np.savez_compressed(file, image_ids=np.array(counts.image_ids, dtype=np.int64), **columns)


def read_run_counts(path: Path, protocol: Protocol) -> RunCounts:
    """Read what one run predicted.

    Raises:
        ClaimError: it is missing or damaged, or is of other test images or classes than the protocol's.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            image_ids = tuple(stored["image_ids"].tolist())
            counts = RunCounts(image_ids=image_ids, **{name: stored[name].astype(np.int64) for name in _PIXELS})
    except _DAMAGED as error:
        reason = getattr(error, "strerror", None) or error
        raise ClaimError(f"{path}: cannot be read ({reason}). Delete it, and let the check go on.") from error
    _check(path, counts, protocol)
    return counts


def _check(path: Path, counts: RunCounts, protocol: Protocol) -> None:
    shape = (len(protocol.test.image_ids), len(protocol.settings.classes))
    if counts.image_ids != protocol.test.image_ids or any(getattr(counts, name).shape != shape for name in _PIXELS):
        raise ClaimError(f"{path}: is of other test images or classes than {shape[0]:,} and {shape[1]}. Delete it.")
    pixels = [getattr(counts, name) for name in _PIXELS]
    is_over = (counts.right > np.minimum(counts.predicted, counts.true)).any()
    if is_over or any((each < 0).any() for each in pixels):
        raise ClaimError(f"{path}: counts what cannot be. Delete it, and let the check go on.")


def arm_counts(folder: Path, protocol: Protocol) -> dict[tuple[ArmName, int], ArmCounts]:
    """Return what all runs predicted, by arm and number of steps, in the protocol's order.

    Raises:
        ClaimError: a run's file is missing or cannot be used, or two of them are of other truths.
    """
    by_cell: dict[tuple[ArmName, int], list[ArmRun]] = {}
    for run in runs_of(protocol):
        by_cell.setdefault((run.arm, run.steps), []).append(run)
    return {cell: _counts_of(folder, protocol, runs) for cell, runs in by_cell.items()}


def _counts_of(folder: Path, protocol: Protocol, runs: list[ArmRun]) -> ArmCounts:
    read = [read_run_counts(run.counts_path(folder), protocol) for run in runs]
    if any((each.true != read[0].true).any() for each in read):
        raise ClaimError(f"{folder}: the runs of arm {runs[0].arm} were judged by different truths. Begin a new check.")
    return ArmCounts(
        arm=runs[0].arm,
        steps=runs[0].steps,
        seeds=tuple(run.seed for run in runs),
        right=np.stack([each.right for each in read]),
        predicted=np.stack([each.predicted for each in read]),
        true=read[0].true,
    )
