"""Each class has its IoU, how it came about, and in how many images it is."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from msgspec.structs import replace as changed
from run_folders import FINAL, LABELS, evaluation_line, write_run

from cocomine.training.runs.class_scores import MOST_POINTS, class_scores, is_counted
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.evaluation_file import ImageCounts
from cocomine.training.runs.interval import Interval
from cocomine.training.runs.reading import Run, read_run
from cocomine.training.runs.records import MetricLine, RunLabel

DOG = RunLabel(label=2, name="dog", colour="#00aa00", selected=True)


def run_of(folder: Path, *metrics: MetricLine) -> Run:
    return read_run(write_run(folder / "run", metrics=metrics), time.time())


def test_a_class_has_its_iou_its_curve_and_its_best_value(tmp_path: Path) -> None:
    lines = [evaluation_line(step, iou=[0.9, iou]) for step, iou in enumerate((0.0, 0.7, 0.6))]
    scores = class_scores(run_of(tmp_path, *lines, changed(FINAL, iou=[0.9, 0.65], step=2)))
    assert scores is not None
    assert (scores.step, scores.image_count, scores.is_of_fewer_images) == (2, 12, False)
    (cat,) = scores.classes
    assert (cat.label.name, cat.iou, cat.history, cat.best) == ("cat", 0.65, (0.0, 0.7, 0.6), 0.7)
    assert (cat.image_count, cat.pixel_count, cat.interval) == (5, 30_000, None)


def test_a_class_in_no_image_is_not_scored(tmp_path: Path) -> None:
    scores = class_scores(run_of(tmp_path, evaluation_line(0, iou=[0.9, None], image_counts=[12, 0])))
    assert scores is not None
    (cat,) = scores.classes
    assert (cat.iou, cat.history, cat.best, cat.image_count) == (None, (), None, 0)


def test_lines_of_former_versions_do_not_say_in_how_many_images_a_class_is(tmp_path: Path) -> None:
    scores = class_scores(run_of(tmp_path, evaluation_line(0, image_counts=[], pixel_counts=[])))
    assert scores is not None
    assert (scores.classes[0].image_count, scores.classes[0].pixel_count) == (None, None)


def test_before_the_first_evaluation_there_is_no_score(tmp_path: Path) -> None:
    assert class_scores(run_of(tmp_path)) is None


def test_a_long_curve_is_thinned_and_ends_with_the_last_evaluation(tmp_path: Path) -> None:
    lines = [evaluation_line(step, iou=[0.9, step / 1000]) for step in range(2 * MOST_POINTS + 1)]
    scores = class_scores(run_of(tmp_path, *lines))
    assert scores is not None
    (cat,) = scores.classes
    assert len(cat.history) <= MOST_POINTS
    assert cat.history[-1] == cat.best == 0.12


def test_curves_of_fewer_images_than_the_final_score_are_told(tmp_path: Path) -> None:
    scores = class_scores(run_of(tmp_path, evaluation_line(8, image_count=4), evaluation_line(9, image_count=6), FINAL))
    assert scores is not None
    assert (scores.curve_image_count, scores.image_count, scores.is_of_fewer_images) == (6, 12, True)


def test_intervals_stand_with_their_class(tmp_path: Path) -> None:
    cat, dog = Interval(low=0.1, high=0.2), Interval(low=0.3, high=0.4)
    line = evaluation_line(
        0, iou=[0.9, 0.15, 0.35], image_counts=[], pixel_counts=[], background_baseline=FINAL.background_baseline
    )
    folder = write_run(tmp_path / "run", metrics=(line,), labels=msgspec.to_builtins([*LABELS, DOG]))
    scores = class_scores(read_run(folder, time.time()), [None, cat, dog])
    assert scores is not None
    assert [(each.label.name, each.interval) for each in scores.classes] == [("cat", cat), ("dog", dog)]


def test_counts_belong_to_a_line_of_the_same_step_and_images() -> None:
    one = Confusions.of_image(np.zeros((2, 2), np.uint8), np.zeros((2, 2), np.uint8), 2)
    counts = ImageCounts(step=9, image_ids=tuple(range(12)), confusions=Confusions.joined([one] * 12))
    assert is_counted(evaluation_line(9), counts)
    assert is_counted(evaluation_line(9), replace(counts, step=None))
    assert not is_counted(evaluation_line(10), counts)
    assert not is_counted(evaluation_line(9, image_count=11), counts)
    assert not is_counted(evaluation_line(9, image_count=13), counts)
