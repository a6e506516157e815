"""`cocomine predict`: what a trained network sees in images."""

from pathlib import Path

import click
import msgspec

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, say, show_progress
from cocomine.training.runs.predicting import PREDICTIONS, PredictedImage, predict_images, weights_of_run
from cocomine.wording import counted, percent


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine predict run street.jpg --out masks",
        "cocomine predict run/best.safetensors my-images --out masks --json",
    ),
)
@click.argument("run", metavar="RUN", type=PATH)
@click.argument("images", metavar="IMAGE...", type=PATH, nargs=-1, required=True)
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write, new or empty.")
def command(*, run: Path, images: tuple[Path, ...], out: Path) -> Result:
    """Let a trained network label images.

    RUN is the folder of a run, or the best.safetensors of one. IMAGE is a file, or a folder of images. DIR gets a mask
    of each image's own size, a PNG whose pixel values are the labels, and predictions.json with what is in each.
    """
    predictions = predict_images(weights_of_run(run), images, out, show_progress("Images"))
    for problem in predictions.problems:
        say(f"Warning: {problem}")
    lines = [_line(image) for image in predictions.images if not image.problem]
    summary = f"{out}: {counted(len(lines), 'mask')} and {PREDICTIONS}"
    return Result(
        value=msgspec.to_builtins(predictions), text="\n".join([summary, *lines]), is_well=not predictions.problems
    )


def _line(image: PredictedImage) -> str:
    pixel_count = image.width * image.height
    shares = ", ".join(f"{each.name} {percent(each.pixel_count / pixel_count, decimals=1)}" for each in image.classes)
    return f"{image.mask}: {shares}"
