"""What did two networks predict on the images where their arms differ most?

`predictions/<run>/<image>.png` is a label map of the image's own size: 0 is background, then the selected classes in
their order. They are kept of the first seed of both arms of the primary comparison, and of no other image: which images
differ most follows from the counts of all runs.
"""

from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from cocomine.claim.arm_runs import ArmRun, runs_of
from cocomine.claim.contrast import contrasts
from cocomine.claim.records import PREDICTIONS, Protocol
from cocomine.labels.label_map import LabelMap
from cocomine.system.files import atomic_file
from cocomine.system.space import writing_to


def shown_runs(protocol: Protocol) -> tuple[ArmRun, ArmRun]:
    """Return the runs whose predictions are kept: the first seed of both arms of the primary comparison."""
    primary, seeds = protocol.primary, {arm.arm: arm.seeds[0] for arm in protocol.arms}
    first, second = (ArmRun(arm=arm, steps=primary.steps, seed=seeds[arm]) for arm in (primary.first, primary.second))
    return first, second


def shown_images(claim: Path, protocol: Protocol) -> tuple[int, ...]:
    """Return the ids of the test images whose predictions are kept.

    Raises:
        ClaimError: the counts of a run are missing or damaged.
    """
    found = contrasts(claim, protocol, protocol.primary)
    return tuple(each.image_id for each in (*found.first_ahead, *found.second_ahead))


def all_are_tested(claim: Path, protocol: Protocol) -> bool:
    """Return whether there are counts of every run, from which the images to be shown follow."""
    return all(run.counts_path(claim).exists() for run in runs_of(protocol))


def missing_maps(claim: Path, protocol: Protocol) -> bool:
    """Return whether a prediction is to be made that is not there; all runs are tested.

    Raises:
        ClaimError: see `shown_images`.
    """
    images = shown_images(claim, protocol)
    return any(not map_path(claim, run, image).exists() for run in shown_runs(protocol) for image in images)


def map_path(claim: Path, run: ArmRun, image_id: int) -> Path:
    """Return where what a run predicted on an image is kept."""
    return claim / PREDICTIONS / run.name / f"{image_id}.png"


def write_map(path: Path, labels: LabelMap) -> None:
    """Write a label map, whole or not at all.

    Raises:
        StorageError: it cannot be written.
    """
    with writing_to(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as file:
            Image.fromarray(labels).save(file, format="PNG", optimize=True)


def read_map(path: Path) -> LabelMap | None:
    """Return a label map, (h, w); None where it is not there or cannot be read."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("L"), dtype=np.uint8)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError, SyntaxError):
        return None
