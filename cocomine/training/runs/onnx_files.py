"""How does a trained network get into programs without PyTorch?

As one ONNX file. It takes pixels as they are in an image file, so that nobody has to know how this network wants them,
and it is compared with PyTorch's own output before it has its name. The work is done in a process of its own
(`cocomine.training.onnx_export`).
"""

from pathlib import Path

import msgspec

from cocomine.errors import TrainingError
from cocomine.system.extras import ONNX, TRAINING
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.records import Count, RunLabel


class OnnxFile(msgspec.Struct, frozen=True, kw_only=True):
    """What was written."""

    path: str
    size_bytes: Count
    opset: Count
    side_px: Count
    """Of the images that it takes: `images`, uint8, (n, side, side, 3), RGB."""
    labels: list[RunLabel]
    """Of what it gives: `logits`, float32, (n, labels, side, side)."""
    largest_difference: float
    """Of a logit from PyTorch's, on the image that both were tried on."""


def write_onnx(weights: Path, target: Path, progress: Progress) -> OnnxFile:
    """Write a network as ONNX, compared with PyTorch's output; the file appears whole or not at all.

    Args:
        weights: `best.safetensors` of a run.
        target: a new file.
        progress: gets how far it is, in steps; what it raises ends the work.

    Raises:
        TrainingError: The file is there, or packages are missing.
        DatasetError: The weights cannot be used, the outputs differ, or the process died.
        StorageError: The file cannot be written.
    """
    for extra in (TRAINING, ONNX):
        if extra.trouble:
            raise TrainingError(extra.trouble)
    if target.exists():
        raise TrainingError(f"{target}: is there already. Choose another name, or delete it.")
    with writing_to(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        result = run_in_subprocess(
            "cocomine.training.onnx_export",
            [str(weights), str(target.absolute())],
            progress,
            work="Writing ONNX",
            remedy="write it again",
        )
    return msgspec.convert(result, OnnxFile)
