"""Write a network as ONNX: `python -m cocomine.training.onnx_export WEIGHTS TARGET`, which serves `runs.onnx_files`."""

import json
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import onnxruntime
import torch
from onnx import ModelProto
from torch import Tensor, nn

from cocomine.errors import TrainingError
from cocomine.system.files import file_sha256, write_bytes
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import serve_parent
from cocomine.training.augmentation import standardised
from cocomine.training.linknet import LinkNet
from cocomine.training.prediction import Predictor
from cocomine.training.runs.onnx_files import OnnxFile

INPUT, OUTPUT = "images", "logits"
MOST_DIFFERENCE = 1e-3
"""Of a logit; rounding alone gives about 1e-5, and a share of 0.0003 in a probability is seen by nobody."""
STEPS = 3


class OfPixels(nn.Module):
    """A network that takes images as files have them: uint8, RGB, the channel last."""

    def __init__(self, network: LinkNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Map images (n, side, side, 3) to logits (n, label_count, side, side)."""
        logits: Tensor = self.network(standardised(images.permute(0, 3, 1, 2).float() / 255))
        return logits


def export_onnx(weights: Path, target: Path, progress: Progress) -> OnnxFile:
    """Write the network of a weights' file as ONNX, once it gives what PyTorch gives.

    Raises:
        WeightsError: The weights cannot be used.
        TrainingError: The outputs differ.
        OSError: The target cannot be written.
    """
    progress(0, STEPS)
    predictor = Predictor.read(weights)
    progress(1, STEPS)
    side = predictor.description.size_px
    network = OfPixels(predictor.network).eval()
    data = _described(_translated(network, side), predictor, weights).SerializeToString(deterministic=True)
    progress(2, STEPS)
    difference = _difference(network, data, _noise(side))
    if not difference <= MOST_DIFFERENCE:
        raise TrainingError(
            f"{target}: was not written. ONNX Runtime {onnxruntime.__version__} gives other numbers than PyTorch "
            f"{torch.__version__}: a logit differs by {difference:.2g}. Install the versions of requirements-dev.txt."
        )
    write_bytes(target, data)
    progress(STEPS, STEPS)
    return OnnxFile(
        path=str(target),
        size_bytes=len(data),
        opset=ModelProto.FromString(data).opset_import[0].version,
        side_px=side,
        labels=predictor.description.labels,
        largest_difference=difference,
    )


def _translated(network: OfPixels, side: int) -> ModelProto:
    """Return a network as ONNX, for any number of images."""
    example = (torch.zeros(2, side, side, 3, dtype=torch.uint8),)
    shapes = {INPUT: {0: torch.export.Dim("n")}}
    with redirect_stdout(sys.stderr):  # where the result is told, nothing else may be
        program = torch.onnx.export(
            network,
            example,
            dynamo=True,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_shapes=shapes,
            verbose=False,
        )
    assert program is not None  # noqa: S101 - for the type checker: it is None where a file was named
    return program.model_proto


def _described(model: ModelProto, predictor: Predictor, weights: Path) -> ModelProto:
    """Return the same with what its labels are, and without where this program's files lie."""
    for node in model.graph.node:
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    description = predictor.description
    texts = {
        "labels": json.dumps(msgspec.to_builtins(description.labels), ensure_ascii=False),
        "step": str(description.step),
        "weights_sha256": file_sha256(weights),
    }
    model.ClearField("metadata_props")
    for key, value in texts.items():
        model.metadata_props.add(key=key, value=value)
    return model


def _noise(side: int) -> npt.NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (3, side, side, 3), dtype=np.uint8)


@torch.no_grad()
def _difference(network: OfPixels, data: bytes, images: npt.NDArray[np.uint8]) -> float:
    """Return the largest difference of a logit between ONNX Runtime and PyTorch on some images (n, side, side, 3)."""
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    (logits,) = session.run([OUTPUT], {INPUT: images})
    return float(np.abs(logits - network(torch.from_numpy(images)).numpy()).max())


def main(arguments: Sequence[str]) -> None:
    """Write and tell: WEIGHTS, TARGET."""
    weights, target = map(Path, arguments)
    serve_parent(lambda progress: msgspec.to_builtins(export_onnx(weights, target, progress)))


if __name__ == "__main__":
    main(sys.argv[1:])
