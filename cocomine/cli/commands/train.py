"""`cocomine train`: a network on an export, in a process of its own that outlives this one."""

import time
from pathlib import Path

import click
import msgspec

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, say
from cocomine.errors import TrainingError
from cocomine.exporting.reading import read_entry
from cocomine.system.own_process import LOG
from cocomine.training.runs.config import PRESETS, TrainingConfig, preset
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.launching import process_count, process_rank, start_run
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.overfitting import judged_images
from cocomine.training.runs.reading import CONFIG, Run, read_run, request_stop
from cocomine.training.runs.records import FinalLine
from cocomine.training.runs.run_scores import interval_words
from cocomine.training.runs.suitability import training_cautions, training_trouble
from cocomine.training.together import train_together
from cocomine.wording import percent

POLL_S = 0.5


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine train export --run run",
        "cocomine train export --preset paper --weights resnet50.safetensors --run run",
    ),
)
@click.argument("export", metavar="EXPORT", type=PATH)
@click.option(
    "--preset", "preset_name", type=click.Choice(list(PRESETS)), default=next(iter(PRESETS)), help="Settings."
)
@click.option("--steps", type=int, metavar="N", help="Training steps, instead of the preset's own number.")
@click.option("--encoder", type=click.Choice(list(ENCODERS)), help="Encoder of the network, instead of the preset's.")
@click.option(
    "--weights", metavar="FILE|none", help="Encoder weights; without it the best file found, none starts at random."
)
@click.option("--seed", type=int, default=0, help="Of the random weights, the order of images and the augmentation.")
@click.option("--run", "folder", type=PATH, required=True, metavar="DIR", help="Folder of the run.")
def command(
    *,
    export: Path,
    preset_name: str,
    steps: int | None,
    encoder: str | None,
    weights: str | None,
    seed: int,
    folder: Path,
) -> Result:
    """Train a network on an export, or resume a run.

    EXPORT is a folder that "cocomine mine" wrote. The same command resumes a run that is not done. Ctrl-C asks the
    run to stop with a checkpoint. Under torchrun, several processes train one network.
    """
    config = preset(preset_name, export=export, steps=steps, encoder=encoder, weights=weights, seed=seed)
    folder = folder.absolute()
    if process_count() > 1:
        return _trained_together(config, export, folder)
    if not _is_done(folder, config):
        _start(config, export, folder)
    run = _followed(folder)
    if run.state == "failed":
        raise TrainingError(run.message)
    if run.state == "lost":
        raise TrainingError(
            f"{folder}: the process ended before the run did, after step {run.step}: it was killed, "
            f"or memory ran out ({folder / LOG} may say more). The same command resumes from the last checkpoint."
        )
    return _result(folder, run)


def _result(folder: Path, run: Run) -> Result:
    finals = {line.weights: line for line in run.metrics.finals}
    value = {
        "run": str(folder),
        "state": run.state,
        "step": run.step,
        "final": msgspec.to_builtins(finals),
        "run_info": msgspec.to_builtins(run.info),
    }
    return Result(value=value, text=_run_text(run, finals.get("last")), is_well=run.state == "done")


def _is_done(folder: Path, config: TrainingConfig) -> bool:
    """Return whether this very run is there and done; `start_run` refuses what is done with other settings."""
    if not (folder / CONFIG).is_file():
        return False
    run = read_run(folder, time.time())
    return run.state == "done" and run.config == config


def _start(config: TrainingConfig, export: Path, folder: Path) -> None:
    _check_suitability(export)
    start_run(config, folder)


def _check_suitability(export: Path) -> None:
    entry = read_entry(export)
    if trouble := training_trouble(entry):
        raise TrainingError(trouble)
    for sentence in training_cautions(entry):
        say(f"Warning: {sentence}")


def _trained_together(config: TrainingConfig, export: Path, folder: Path) -> Result:
    """Train as one of several processes that a launcher started; the first one tells the result."""
    _check_suitability(export)
    if code := train_together(folder, config):
        raise click.exceptions.Exit(code)
    if rank := process_rank():
        return Result(value=None, text=f"process {rank} is done")
    return _result(folder, read_run(folder, time.time()))


def _followed(folder: Path) -> Run:
    """Follow a run to its end; Ctrl-C asks it to stop with a checkpoint, a second one leaves it to do so by itself."""
    said, is_stopping, reader = "", False, MetricsReader()
    while True:
        try:
            run = read_run(folder, time.time(), reader)
            if (now := f"{run.state}: step {run.step} of {run.config.steps} {run.message}") != said:
                say(now)
                said = now
            if not run.is_active:
                return run
            time.sleep(POLL_S)
        except KeyboardInterrupt:
            if is_stopping:
                return run
            request_stop(folder)
            is_stopping = True


def _run_text(run: Run, last: FinalLine | None) -> str:
    if last is None:
        return f"{run.folder}: {run.state} at step {run.step}; the same command resumes it"
    empty, interval = last.background_baseline, interval_words(last)
    return (
        f"{run.folder}: {run.state}; mIoU {_percent(last.mean_iou)}{f' (95 %: {interval})' if interval else ''} on "
        f"{judged_images(run.config, last.image_count)}, empty prediction {_percent(empty.mean_iou)}; "
        f"paper metric (Eq. 2) {_percent(last.mean_true_probability)}, empty prediction "
        f"{_percent(empty.mean_true_probability)}"
    )


def _percent(value: float | None) -> str:
    return "not defined" if value is None else percent(value, decimals=1)
