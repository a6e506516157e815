"""How does a trained network get into programs without PyTorch?

As one ONNX file. It takes pixels as they are in an image file, so that nobody has to know how this network wants them,
and it is compared with PyTorch's own output before it has its name. The work is done in a process of its own
(`cocomine.training.onnx_export`).
"""

from pathlib import Path

import msgspec

from cocomine.errors import TrainingError
from cocomine.system.extras import ONNX, TRAINING
from cocomine.system.files import write_bytes
from cocomine.system.jobs import Progress
from cocomine.system.space import writing_to
from cocomine.system.subprocesses import run_in_subprocess
from cocomine.training.runs.predicting import weights_of_run
from cocomine.training.runs.reading import BEST
from cocomine.training.runs.records import Count, RunLabel, read_record, readable_json

ONNX_FILE, ONNX_RECORD = "best.onnx", "best.onnx.json"
"""In the folder of a run: the network, and what is to be said of it."""


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
    if trouble := onnx_trouble():
        raise TrainingError(trouble)
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


def onnx_trouble() -> str | None:
    """Return which packages are missing and what installs them, None if none is."""
    return next((extra.trouble for extra in (TRAINING, ONNX) if extra.trouble), None)


def onnx_of_run(folder: Path) -> OnnxFile | None:
    """Return what is to be said of a run's ONNX file; None where there is none of its present best weights."""
    written, _ = read_record(folder / ONNX_RECORD, OnnxFile)
    try:
        is_present = (folder / BEST).stat().st_mtime_ns <= (folder / ONNX_FILE).stat().st_mtime_ns
    except OSError:
        return None
    return written if is_present else None


def write_onnx_of_run(folder: Path, progress: Progress) -> OnnxFile:
    """Write a run's best network as ONNX into its folder, in place of an older one.

    Raises:
        CocomineError: See `write_onnx`.
    """
    weights = weights_of_run(folder)
    with writing_to(folder / ONNX_FILE):
        (folder / ONNX_FILE).unlink(missing_ok=True)
    written = write_onnx(weights, folder / ONNX_FILE, progress)
    with writing_to(folder / ONNX_RECORD):
        write_bytes(folder / ONNX_RECORD, readable_json(written))
    return written
