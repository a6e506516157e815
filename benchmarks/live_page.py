"""What does one look of the page at a long run at work take of the processor?

A run of 30,000 steps is written as its process would leave it, with an evaluation every 300 steps on 500 images of
eight classes, and five others like it. Before each look it grows by 20 lines. The panel of the run is drawn by
Streamlit's script runner, header, numbers, charts, classes and confusion matrix; what is timed is the script run and
turning its messages into bytes, as for the other pages.
"""

import math
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from unittest.mock import patch

import msgspec
import numpy as np
from streamlit.logger import set_log_level
from streamlit.runtime.scriptrunner import RerunData
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from benchmarks.job import Job
from cocomine.charts.theme import CURVES
from cocomine.system.files import write_bytes, write_json, write_text
from cocomine.system.own_process import this_process
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import LAST_EVALUATION, ImageCounts, write_counts
from cocomine.training.runs.reading import CONFIG, RUN_INFO, STATUS
from cocomine.training.runs.records import (
    METRICS,
    EncoderWeights,
    EvalLine,
    RunInfo,
    RunLabel,
    Scores,
    Status,
    TrainLine,
    encoded_line,
    readable_json,
)
from cocomine.training.runs.times import TIMES, TimeLine

STEPS, EVALUATE_EVERY, NEW_STEPS = 30_000, 300, 20
LABEL_COUNT, IMAGE_COUNT, OTHER_RUNS = 9, 500, 5
SECONDS_A_STEP = 0.5
LONGEST_LOOK_S = 60


class LivePage:
    """The panel of a run at work."""

    def __init__(self, job: Job) -> None:
        set_log_level("ERROR")  # it warns that there is no browser
        self.script_s = 0.0
        self._steps = count(STEPS + 1)
        runs = Path(job.scratch) / "home" / "runs"
        self._run = _written(runs / "at-work")
        self._others = [_written(runs / f"other-{number}") for number in range(1, OTHER_RUNS + 1)]
        patch.object(LocalScriptRunner, "_run_script", self._timed).start()
        self._app = AppTest.from_function(_panel, args=(str(self._run),), default_timeout=LONGEST_LOOK_S)

    def look(self) -> float:
        """Look at the run after it grew; return the CPU-seconds of the script run."""
        new = [next(self._steps) for _ in range(NEW_STEPS)]
        with (self._run / METRICS).open("a") as metrics, (self._run / TIMES).open("a") as times:
            metrics.writelines(encoded_line(_train_line(step)) for step in new)
            times.writelines(map(_time_line, new))
        self.script_s = 0.0
        self._app.run()
        if self._app.exception:
            raise RuntimeError(self._app.exception[0].value)
        return self.script_s

    def overlay_over_time(self) -> None:
        """Draw five other runs over it, and all of them over time."""
        colours = {str(folder): colour for folder, colour in zip(self._others, CURVES[1:], strict=False)}
        self._app.session_state[f"overlay-{self._run}-colours"] = colours
        self._app.segmented_control(key="curve-axis").set_value("Time")

    @property
    def _timed(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - what takes the place of a method
        run, page = LocalScriptRunner._run_script, self

        def timed_run(runner: LocalScriptRunner, data: RerunData) -> None:
            began = time.thread_time()
            run(runner, data)
            for message in runner.forward_msgs():
                message.SerializeToString()
            page.script_s += time.thread_time() - began

        return timed_run


def _panel(folder: str) -> None:
    """Show a run; AppTest takes the text of this function as a script of its own."""
    from pathlib import Path  # noqa: PLC0415

    from cocomine.ui.session.exports_and_runs import run_at  # noqa: PLC0415
    from cocomine.ui.train.run_panel import run_panel  # noqa: PLC0415

    run_panel(run_at(Path(folder)))


def _written(folder: Path) -> Path:
    """Write a run at work; this process stands for its own."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, config_as_json(preset("paper", export=folder.parent / "export", steps=2 * STEPS)))
    status = Status(state="running", step=STEPS, steps=2 * STEPS, heartbeat=time.time() + 1e6, **this_process())
    write_bytes(folder / STATUS, readable_json(status))
    write_bytes(folder / RUN_INFO, readable_json(_info()))
    write_text(folder / METRICS, "".join(map(encoded_line, _lines())))
    write_text(folder / TIMES, "".join(map(_time_line, range(1, STEPS + 1))))
    write_counts(folder / LAST_EVALUATION, _counts())
    return folder


def _info() -> RunInfo:
    labels = [
        RunLabel(label=label, name=f"class {label}", colour=CURVES[label % len(CURVES)], selected=label > 0)
        for label in range(LABEL_COUNT)
    ]
    return RunInfo(
        size_px=128,
        labels=labels,
        train_image_count=4000,
        val_image_count=IMAGE_COUNT,
        eval_image_count=IMAGE_COUNT,
        train_split="train2017",
        val_split="val2017",
        export_manifest_sha256="a" * 64,
        dataset="benchmark",
        sources=["b" * 64],
        parameter_count=31_000_000,
        trained_parameter_count=30_000_000,
        frozen_stages=[],
        weights=EncoderWeights(source="random", random=("conv1.weight",)),
        device="cpu",
        thread_count=1,
        torch_version="2.13.0",
    )


def _lines() -> Iterator[TrainLine | EvalLine]:
    for step in range(1, STEPS + 1):
        yield _train_line(step)
        if step % EVALUATE_EVERY == 0:
            yield _evaluation(step)


def _train_line(step: int) -> TrainLine:
    loss = round(0.2 + math.exp(-step / 9000) + 0.05 * math.sin(step), 6)
    return TrainLine(step=step, loss=loss, cross_entropy=loss, dice=None, learning_rate=1e-4)


def _time_line(step: int) -> str:
    return msgspec.json.encode(TimeLine(step=step, seconds=SECONDS_A_STEP * step)).decode() + "\n"


def _evaluation(step: int) -> EvalLine:
    mean_iou = round(0.6 * (1 - math.exp(-step / 9000)), 6)
    empty = _scores(0.0)
    return EvalLine(
        step=step,
        image_count=IMAGE_COUNT,
        background_baseline=empty,
        prior_baseline=empty,
        mean_iou_interval=(round(0.9 * mean_iou, 6), round(1.1 * mean_iou, 6)),
        image_counts=[IMAGE_COUNT] + [IMAGE_COUNT // 4] * (LABEL_COUNT - 1),
        pixel_counts=[10**8] + [10**6] * (LABEL_COUNT - 1),
        **msgspec.structs.asdict(_scores(mean_iou)),
    )


def _scores(mean_iou: float) -> Scores:
    iou: list[float | None] = [0.9, *(mean_iou for _ in range(1, LABEL_COUNT))]
    return Scores(
        mean_iou=mean_iou,
        mean_iou_with_background=mean_iou,
        iou=iou,
        pixel_accuracy=0.9,
        mean_true_probability=0.8,
        cross_entropy=0.5,
    )


def _counts() -> ImageCounts:
    """Return an evaluation whose images hold every confusion."""
    cells = np.arange(LABEL_COUNT**2)
    confusions = Confusions(
        label_count=LABEL_COUNT,
        image_count=IMAGE_COUNT,
        image_index=np.repeat(np.arange(IMAGE_COUNT), len(cells)),
        cell=np.tile(cells, IMAGE_COUNT),
        pixels=np.full(IMAGE_COUNT * len(cells), 100),
    )
    return ImageCounts(step=STEPS, image_ids=tuple(range(IMAGE_COUNT)), confusions=confusions)
