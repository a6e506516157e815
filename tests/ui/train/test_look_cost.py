"""A look at a long run at work costs little, however many lines it has written."""

import time
from collections.abc import Callable
from pathlib import Path

import plotly.io
from run_folders import evaluation_line, train_line, write_run

from cocomine.training.runs.config import preset
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.reading import read_run
from cocomine.training.runs.records import encoded_line
from cocomine.training.runs.verdict import verdict
from cocomine.ui.train.run_figures import DrawnRun, iou_figure, loss_figure

STEPS, EVALUATIONS, NEW_LINES, LOOKS = 30_000, 100, 20, 7


def look_at(folder: Path, reader: MetricsReader) -> None:
    """Read a run, compute its sentence, and draw its charts as the browser is sent them."""
    run = read_run(folder, time.time(), reader)
    verdict(run)
    for figure in (loss_figure(DrawnRun(run=run), smoothing=0.5), iou_figure(DrawnRun(run=run), with_paper=True)):
        plotly.io.to_json(figure, validate=False)


def cpu_s(work: Callable[[], None]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def test_a_look_at_a_run_that_grew_costs_a_fraction_of_reading_it(tmp_path: Path) -> None:
    """Its lines are parsed once: the least of several looks is compared, in one process, with a first one.

    Measured: a seventeenth; a fifth where a look hashes the file and draws from a tuple for each line.
    """
    every = STEPS // EVALUATIONS
    evaluations = {step: evaluation_line(step) for step in range(every, STEPS + 1, every)}
    lines = [line for step in range(1, STEPS + 1) for line in (train_line(step), evaluations.get(step)) if line]
    folder = write_run(tmp_path / "run", config=preset("paper", export="/e"), metrics=tuple(lines))
    look_at(write_run(tmp_path / "other"), MetricsReader())  # plotly loads what it needs
    reader = MetricsReader()
    first_s = cpu_s(lambda: look_at(folder, reader))
    looks_s = []
    for index in range(LOOKS):
        grown = (train_line(STEPS + index * NEW_LINES + new) for new in range(1, NEW_LINES + 1))
        with (folder / "metrics.jsonl").open("a") as file:
            file.writelines(map(encoded_line, grown))
        looks_s.append(cpu_s(lambda: look_at(folder, reader)))
    assert min(looks_s) < first_s / 8
