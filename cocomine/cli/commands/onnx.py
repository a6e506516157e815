"""`cocomine onnx`: a trained network for programs without PyTorch."""

from pathlib import Path

import click
import msgspec

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.training.runs.onnx_files import write_onnx
from cocomine.training.runs.predicting import weights_of_run
from cocomine.wording import counted, size_words


@click.command(cls=ResultCommand, examples=("cocomine onnx run --out network.onnx",))
@click.argument("run", metavar="RUN", type=PATH)
@click.option("--out", type=PATH, required=True, metavar="FILE", help="File to write, a new one.")
def command(*, run: Path, out: Path) -> Result:
    """Write a trained network for programs without PyTorch.

    RUN is the folder of a run, or the best.safetensors of one. FILE is ONNX. It takes images as they are, squeezed
    to a square (uint8, RGB), and gives a logit for each label and pixel; the labels are in its metadata. It is
    compared with PyTorch's own output before it is written.
    """
    written = write_onnx(weights_of_run(run), out, show_progress("Network"))
    side = written.side_px
    text = (
        f"{out}: {size_words(written.size_bytes)}, opset {written.opset}; RGB images of {side} x {side} px to "
        f"logits of {counted(len(written.labels), 'label')}, at most {written.largest_difference:.1e} from PyTorch's"
    )
    return Result(value=msgspec.to_builtins(written), text=text)
