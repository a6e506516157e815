"""`python -m benchmarks.accelerator`: does training work on this computer's accelerator, and how fast is it?

The *Quick test* and the *Paper settings* take some steps on the drawn demo, with and without half precision, and with
and without the layout of memory that convolutions are fastest in; the first losses are compared with those of the CPU.
A run that is stopped and resumed is compared with one that was not. It takes below three minutes, and prints a table.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from unittest.mock import patch

import torch

from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo.dataset import write_demo
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import Recipe, sources_of
from cocomine.mining.selection.selection import Selection
from cocomine.system.files import write_json
from cocomine.training.loop import train
from cocomine.training.model import Model, best_device, build_model
from cocomine.training.resources import Resources
from cocomine.training.run_data import TrainingData, opened_export, prepared_data
from cocomine.training.runs.config import TrainingConfig, config_as_json, preset
from cocomine.training.runs.reading import CONFIG
from cocomine.training.runs.records import METRICS
from cocomine.training.runs.reporting import SilentReport
from cocomine.training.step import train_step
from cocomine.wording import size_words

NONE_HERE = (
    "There is no accelerator here: PyTorch finds neither a GPU by CUDA nor Apple's by MPS. Nothing was measured."
)
CLASSES = ("cup", "boat", "cat")
JUDGED_IMAGES = 4
HEADER = (
    "| settings | half precision | channels_last | images/s | step | first losses, from the CPU's | memory |\n"
    "|---|---|---|--:|--:|--:|--:|"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is done.

    Attributes:
        presets: whose settings are tried.
        first_steps: of which the losses are compared with the CPU's; they also warm the accelerator.
        timed_steps: that come after them.
        run_steps: of the runs of which one is stopped in the middle.
    """

    presets: Sequence[str] = ("quick", "paper")
    first_steps: int = 3
    timed_steps: int = 30
    run_steps: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How the steps are computed."""

    half_precision: bool
    channels_last: bool

    def fit(self, model: Model) -> None:
        """Lay the network out in memory."""
        layout = torch.channels_last if self.channels_last else torch.contiguous_format
        model.network.to(memory_format=layout)  # type: ignore[call-overload]


WAYS = [Way(half_precision=half, channels_last=last) for half, last in product((False, True), repeat=2)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where there is nothing to measure."""
    argparse.ArgumentParser(prog="python -m benchmarks.accelerator", description=__doc__).parse_args(arguments)
    device = best_device()
    if device.type == "cpu":
        print(NONE_HERE)
        return 1
    name = torch.cuda.get_device_name() if device.type == "cuda" else "Apple"
    print(f"{name} ({device}), PyTorch {torch.__version__}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        write_demo(Path(folder) / "demo")
        for line in told(Path(folder) / "demo", Path(folder), device, Size()):
            print(line, flush=True)
    return 0


def told(demo: Path, folder: Path, device: torch.device, size: Size) -> Iterator[str]:
    """Yield the lines of the table, and what came of stopping and resuming.

    Args:
        demo: the drawn dataset.
        folder: for its export and the runs.
        device: that is measured.
    """
    export = _export(demo, folder)
    yield HEADER
    for name in size.presets:
        config = preset(name, export=export, weights="none", steps=size.first_steps + size.timed_steps)
        data = _data(config, folder)
        expected = _losses(_built(config, data, folder, torch.device("cpu")), data, config, size.first_steps)
        for way in WAYS:
            yield _row(config, way, data, _On(folder=folder, device=device, size=size, expected=expected))
    quick = preset("quick", export=export, weights="none", steps=size.run_steps)
    yield f"\n{_resumed(replace(quick, eval_image_limit=JUDGED_IMAGES), folder, device)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _On:
    """Where a row is measured, and the losses that the CPU had."""

    folder: Path
    device: torch.device
    size: Size
    expected: list[float]


def _row(config: TrainingConfig, way: Way, data: TrainingData, on: _On) -> str:
    config = replace(config, half_precision=way.half_precision)
    model = _built(config, data, on.folder, on.device)
    way.fit(model)
    losses = _losses(model, data, config, on.size.first_steps)
    _wait(on.device)
    began = time.perf_counter()
    for step in range(on.size.first_steps, on.size.first_steps + on.size.timed_steps):
        train_step(model, data.train, config, step)
    _wait(on.device)
    step_s = (time.perf_counter() - began) / on.size.timed_steps
    apart = max(abs(loss - other) for loss, other in zip(losses, on.expected, strict=True))
    cells = [
        config.preset,
        "yes" if way.half_precision else "no",
        "yes" if way.channels_last else "no",
        f"{config.batch_size / step_s:,.0f}",
        f"{1000 * step_s:,.1f} ms",
        f"{apart:.2g} of {on.expected[-1]:.3g}",
        _memory(on.device),
    ]
    return f"| {' | '.join(cells)} |"


def _losses(model: Model, data: TrainingData, config: TrainingConfig, count: int) -> list[float]:
    """Return the losses of the first steps."""
    return [train_step(model, data.train, config, step).loss for step in range(count)]


def _resumed(config: TrainingConfig, folder: Path, device: torch.device) -> str:
    """Stop a run in the middle and resume it; return how far its metrics are from those of one that was not stopped."""
    middle = f'"step":{config.steps // 2},'
    stopped, whole = folder / "stopped", folder / "whole"
    for run in (stopped, whole):
        run.mkdir()
        write_json(run / CONFIG, config_as_json(config))

    def is_in_the_middle() -> bool:
        metrics = stopped / METRICS
        return metrics.exists() and middle in metrics.read_text(encoding="utf-8")

    with _computed_on(device):
        train(stopped, _resources(folder), is_in_the_middle)
        train(stopped, _resources(folder))
        train(whole, _resources(folder))
    texts = [(run / METRICS).read_text(encoding="utf-8") for run in (stopped, whole)]
    if texts[0] == texts[1]:
        return f"A run stopped at step {config.steps // 2} and resumed ends with the same metrics as one that was not."
    lines = [text.splitlines() for text in texts]
    first = next(one for one, other in zip(*lines, strict=False) if one != other)
    return f"A run stopped at step {config.steps // 2} and resumed differs from one that was not, first in: {first}"


def _export(demo: Path, folder: Path) -> Path:
    dataset = open_dataset(demo)
    recipe = Recipe(dataset_name="demo", sources=sources_of(dataset), selection=Selection(classes=CLASSES))
    write_export(plan_export(dataset, recipe), folder / "export")
    return folder / "export"


def _data(config: TrainingConfig, folder: Path) -> TrainingData:
    arrays, report = _resources(folder).arrays_folder, SilentReport(folder, steps=config.steps)
    return prepared_data(config, opened_export(config), None, arrays_folder=arrays, report=report)


def _built(config: TrainingConfig, data: TrainingData, folder: Path, device: torch.device) -> Model:
    with _computed_on(device):
        return build_model(config, data, None, resources=_resources(folder))


def _computed_on(device: torch.device) -> AbstractContextManager[object]:
    return patch("cocomine.training.model.best_device", lambda *_: device)


def _resources(folder: Path) -> Resources:
    return Resources(arrays_folder=folder / "arrays", weights_files=())


def _wait(device: torch.device) -> None:
    """Wait until the device has done what was asked of it."""
    if device.type == "cuda":
        torch.cuda.synchronize()
    elif device.type == "mps":
        torch.mps.synchronize()


def _memory(device: torch.device) -> str:
    """Return how much the tensors on a GPU took at most since the last question; other devices do not tell."""
    if device.type != "cuda":
        return "–"
    peak_bytes = torch.cuda.max_memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    return size_words(peak_bytes)


if __name__ == "__main__":
    sys.exit(main())
