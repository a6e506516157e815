"""`cocomine claim`: an experiment that says whether training on the selected classes alone helped."""

import time
from pathlib import Path
from typing import Any, Unpack

import click
import msgspec

from cocomine.background.reading import TaskReader, ask_to_cancel
from cocomine.claim.arms import DEFAULT_ARMS, ArmName
from cocomine.claim.grid import grid_rows
from cocomine.claim.reading import Claim, ClaimReader
from cocomine.claim.records import REPORT_HTML, RESULT, ClaimSettings
from cocomine.claim.starting import refuse_other_settings, start_claim
from cocomine.cli.choices import Names
from cocomine.cli.datasets import PATH, DatasetOptions, dataset_options, named_dataset
from cocomine.cli.results import Result, ResultCommand, say
from cocomine.errors import ClaimError
from cocomine.training.runs.encoders import ENCODERS
from cocomine.wording import brief_duration, counted, join_names, percent
from cocomine.workspace import remember_dataset, workspace_from_environment

LOOK_S = 0.5
USUAL = ClaimSettings(classes=("",))


class ClaimOptions(DatasetOptions):
    """What a check is asked for with, beside its folder."""

    classes: tuple[str, ...]
    arms: tuple[str, ...]
    seeds: int
    steps: int
    longer: bool
    size: int
    batch: int
    encoder: str
    train_images: int
    test_images: int
    equal: Any
    seed: int


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine claim coco --classes giraffe,bus --run claim",
        "cocomine claim coco --classes giraffe,bus --arms A,E,C,A2 --seeds 5 --steps 600 --size 128 --run claim",
    ),
)
@dataset_options()
@click.option("--classes", type=Names(), required=True, metavar="A,B", help="The selected classes.")
@click.option(
    "--arms",
    type=Names(),
    default=",".join(DEFAULT_ARMS),
    metavar="A,B",
    help="What is compared: A selected images, E half without the classes, C all labels; also A2, B, D, M, I.",
)
@click.option("--seeds", type=int, default=USUAL.seed_count, metavar="N", help="Runs of each arm; 3 are the least.")
@click.option("--steps", type=int, default=USUAL.steps, metavar="N", help="Training steps of each run.")
@click.option(
    "--longer/--no-longer", default=USUAL.is_trained_longer, help="Train arms A and C three times as long as well."
)
@click.option("--size", type=int, default=USUAL.size_px, metavar="PX", help="Side of the training images.")
@click.option("--batch", type=int, default=USUAL.batch_size, metavar="N", help="Images of a training step.")
@click.option("--encoder", type=click.Choice(list(ENCODERS)), default=USUAL.encoder, help="Of the network.")
@click.option(
    "--train-images",
    type=int,
    default=USUAL.train_image_count,
    metavar="N",
    help="Of each arm, or those with a selected class, as far as there are.",
)
@click.option(
    "--test-images", type=int, default=USUAL.test_image_count, metavar="N", help="Drawn at random, to judge all arms."
)
@click.option(
    "--equal",
    type=click.Choice(["images", "positives"]),
    default=USUAL.equal,
    help="What all arms have the same number of: training images, or those with a selected class.",
)
@click.option("--seed", type=int, default=USUAL.seed, help="Of all draws, and the first one of the runs.")
@click.option("--run", "folder", type=PATH, required=True, metavar="DIR", help="Folder of the check.")
def command(*, folder: Path, **options: Unpack[ClaimOptions]) -> Result:
    """Check whether training on the selected classes helped, with intervals.

    Networks that differ in nothing but their training images and labels are trained with several seeds and judged on
    the same test images. The same command goes on with a check that is not done; Ctrl-C ends it with checkpoints. No
    sentence says more than its interval allows.
    """
    settings, folder, workspace = _settings(options), folder.absolute(), workspace_from_environment()
    if (folder / RESULT).is_file():
        refuse_other_settings(folder, settings)
    else:
        dataset = named_dataset(options)
        remember_dataset(workspace, dataset.path)
        task = start_claim(dataset, settings, folder, workspace.tasks)
        _follow(folder, task)
    claim = ClaimReader().read(folder, time.time())
    return Result(value=_value(claim), text=_text(claim), is_well=claim.result is not None)


def _settings(options: ClaimOptions) -> ClaimSettings:
    """Return what the options ask for.

    Raises:
        ClaimError: a value is out of its range.
    """
    value = {
        "classes": options["classes"],
        "arms": options["arms"],
        "seed_count": options["seeds"],
        "steps": options["steps"],
        "is_trained_longer": options["longer"],
        "size_px": options["size"],
        "batch_size": options["batch"],
        "encoder": options["encoder"],
        "train_image_count": options["train_images"],
        "test_image_count": options["test_images"],
        "equal": options["equal"],
        "seed": options["seed"],
    }
    try:
        return msgspec.convert(value, ClaimSettings)
    except msgspec.ValidationError as error:
        known = ", ".join(ArmName)
        raise ClaimError(f"The claim check cannot be asked for like that ({error}). Arms are {known}.") from error


def _follow(folder: Path, task_folder: Path) -> None:
    """Follow the task of a check to its end; Ctrl-C asks it to end with checkpoints, a second one leaves it.

    Raises:
        ClaimError: it failed, or its process was killed.
    """
    tasks, reader, said, is_ending = TaskReader(), ClaimReader(), "", False
    while (task := tasks.task(task_folder)) is not None:
        try:
            claim = reader.read(folder, time.time(), [task])
            if (now := _progress_line(claim)) != said:
                say(f"{now}{_left_words(claim)}")
                said = now
            if not task.is_active:
                break
            time.sleep(LOOK_S)
        except KeyboardInterrupt:
            if is_ending:
                return
            ask_to_cancel(task_folder)
            is_ending = True
    if task is None or task.state in {"failed", "lost"}:
        why = "Its task is gone." if task is None else task.sentence
        raise ClaimError(f"{why} The same command goes on with what is done.")


def _progress_line(claim: Claim) -> str:
    """Return how far a check is, without numbers that change every moment."""
    task = claim.task
    done = sum(cell.state == "done" for cell in claim.cells)
    line = f"{done} of {counted(len(claim.cells), 'run')} done"
    if task is None:
        return line
    return f"{task.state}, {line}{f': {task.status.message}' if task.status.message else ''}"


def _left_words(claim: Claim) -> str:
    left_s = claim.seconds_left
    return f"; about {brief_duration(left_s)} left" if left_s else ""


def _value(claim: Claim) -> dict[str, Any]:
    cells = [
        {
            "arm": cell.arm,
            "steps": cell.steps,
            "seed": cell.seed,
            "state": cell.state,
            "step": cell.step,
            "iou_with_class": cell.iou_with_class,
            "iou_natural": cell.iou_natural,
            "run": str(cell.folder),
        }
        for cell in claim.cells
    ]
    return {"folder": str(claim.folder), "runs": cells, "result": msgspec.to_builtins(claim.result)}


def _text(claim: Claim) -> str:
    if claim.result is None:
        done = sum(cell.state == "done" for cell in claim.cells)
        runs = counted(len(claim.cells), "run")
        return f"{claim.folder}: {done} of {runs} done; the same command goes on"
    lines = [*claim.result.sentences, *claim.result.notices]
    for row in grid_rows(claim.cells):
        ious = [cell.iou_natural for cell in row.cells]
        shown = join_names([percent(iou, decimals=1) for iou in ious if iou is not None] or ["none"])
        lines.append(f"arm {row.arm}, {counted(row.steps, 'step')}: mIoU on the natural mix {shown}")
    return "\n".join([*lines, f"Report: {claim.folder / REPORT_HTML}"])
