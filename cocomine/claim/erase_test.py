"""How are classes erased from the validation images of a run?

The network is at work in a process of its own (`claim.networks.erasing`), so that the server never loads PyTorch.
"""

from pathlib import Path

import msgspec

from cocomine.claim.erasure import ErasedImages, ErasureResult, counts_from_lists, erased_pairs
from cocomine.errors import TrainingError
from cocomine.system.extras import TRAINING
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.predicting import weights_of_run


def erase_classes(run: Path, progress: Progress, *, image_limit: int | None = None) -> ErasureResult:
    """Erase each class from the validation images of a run, and return what that does to the selected classes.

    Args:
        run: The folder of a run that has been evaluated.
        progress: Gets how far it is, in images; what it raises ends the work.
        image_limit: Look at no more images than that; None takes all.

    Raises:
        TrainingError: There are no weights, or PyTorch is not installed.
        DatasetError: The weights or the export cannot be used, or the process died.
    """
    if trouble := TRAINING.trouble:
        raise TrainingError(trouble)
    weights_of_run(run)
    request = {"run": str(run), "image_limit": image_limit}
    told = run_in_subprocess(
        "cocomine.claim.networks.erasing",
        [msgspec.json.encode(request).decode()],
        progress,
        work="Erasing",
        remedy="try again",
        environment={"OMP_WAIT_POLICY": "passive"},
    )
    erased = msgspec.convert(told, ErasedImages)
    pairs = erased_pairs(erased.labels, dict(zip(erased.erased, map(counts_from_lists, erased.counts), strict=True)))
    return ErasureResult(run=run.name, size_px=erased.size_px, image_count=erased.image_count, pairs=pairs)
