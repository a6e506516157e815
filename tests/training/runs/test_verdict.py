"""What is said of a run follows from its numbers alone."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from run_folders import BASELINE, FINAL, evaluation_line, sign_status, write_run

from cocomine.training.runs.reading import read_run
from cocomine.training.runs.records import EvalLine
from cocomine.training.runs.verdict import best_evaluation, no_mean_iou, verdict

INTERVAL = (0.391, 0.718)


def said(folder: Path, *metrics: EvalLine) -> str:
    return str(verdict(read_run(write_run(folder, metrics=metrics), now=0.0)))


def best_step(folder: Path, *metrics: EvalLine) -> int | None:
    best = best_evaluation(read_run(write_run(folder, metrics=metrics), now=0.0))
    return None if best is None else best.step


def test_nothing_is_said_before_the_first_step(tmp_path: Path) -> None:
    assert verdict(read_run(write_run(tmp_path / "a", metrics=()), now=0.0)) is None
    assert verdict(read_run(write_run(tmp_path / "b", metrics=(evaluation_line(0),)), now=0.0)) is None


def test_baseline_trend_and_noise_make_one_sentence(tmp_path: Path) -> None:
    before = evaluation_line(180, mean_iou=0.502)
    now = evaluation_line(200, mean_iou=0.562, mean_iou_interval=INTERVAL, image_count=40)
    assert said(tmp_path, before, now) == (
        "Better than an empty prediction: mIoU 56.2 %, empty prediction 0.0 %; improving (+6.0 points over the last "
        "20 steps, within the noise); by its own 95 % interval on 40 validation images a difference below 17 points is "
        "noise."
    )


def test_a_result_is_compared_with_an_empty_prediction_on_the_same_images(tmp_path: Path) -> None:
    assert said(tmp_path / "a", evaluation_line(9, mean_iou=0.562)).startswith(
        "Better than an empty prediction: mIoU 56.2 %, empty prediction 0.0 %;"
    )
    assert said(tmp_path / "b", evaluation_line(9, mean_iou=0.004)).startswith(
        "Not better than an empty prediction yet: mIoU 0.4 %, empty prediction 0.0 %;"
    )


def test_a_result_within_the_noise_of_so_few_images_is_called_unsure(tmp_path: Path) -> None:
    few = evaluation_line(9, mean_iou_interval=(0.0, 0.6))
    assert said(tmp_path / "measured", few).startswith("Better than an empty prediction, but 12 images are too few")
    above = replace(few, background_baseline=replace(BASELINE, mean_iou=0.1), mean_iou_interval=(0.11, 0.6))
    assert said(tmp_path / "above", above).startswith("Better than an empty prediction: mIoU 50.0 %")


def test_a_line_of_a_former_version_is_judged_by_its_number_of_images(tmp_path: Path) -> None:
    former = evaluation_line(9, mean_iou=0.3, mean_iou_interval=None)
    few, many = said(tmp_path / "few", former), said(tmp_path / "many", replace(former, image_count=1000))
    assert few.startswith("Better than an empty prediction, but 12 images are too few")
    assert few.endswith("; by the rule of thumb for 12 validation images a difference below about 31 points is noise.")
    assert many.startswith("Better than an empty prediction: mIoU 30.0 %")


@pytest.mark.parametrize(
    ("reached", "baseline", "begin"),
    [
        (0.07, 0.0, "Better than an empty prediction: mIoU 7.0 %"),  # 7 points are the noise of 242 images
        (0.0695, 0.0, "Better than an empty prediction, but 242 images are too few to be sure: "),
        (0.08, 0.04, "Better than an empty prediction, but 242 images are too few to be sure: "),
    ],
)
def test_a_former_line_is_surely_above_from_the_usual_noise_on(
    tmp_path: Path, reached: float, baseline: float, begin: str
) -> None:
    empty = replace(BASELINE, mean_iou=baseline)
    line = evaluation_line(9, mean_iou=reached, mean_iou_interval=None, image_count=242, background_baseline=empty)
    assert said(tmp_path, line).startswith(begin)


def test_the_noise_is_the_longer_side_of_the_interval_and_never_nothing(tmp_path: Path) -> None:
    upwards = said(tmp_path / "up", evaluation_line(9, mean_iou=0.4, mean_iou_interval=(0.35, 0.61)))
    assert upwards.endswith("; by its own 95 % interval on 12 validation images a difference below 21 points is noise.")
    narrow = said(tmp_path / "narrow", evaluation_line(9, mean_iou=0.4, mean_iou_interval=(0.399, 0.401)))
    assert narrow.endswith("a difference below 1 point is noise.")


def test_it_is_said_whether_the_result_still_rises(tmp_path: Path) -> None:
    narrow = {"mean_iou_interval": (0.495, 0.505)}
    rising = [evaluation_line(step, mean_iou=0.44 + step / 1000, **narrow) for step in (0, 20, 40, 60, 80)]
    assert "; improving (+6.0 points over the last 60 steps); " in said(tmp_path / "up", *rising)
    long = [evaluation_line(step, mean_iou=0.38 + step / 1000, **narrow) for step in (20, 40, 60, 80, 100, 120)]
    assert "; improving (+6.0 points over the last 60 steps); " in said(tmp_path / "long", *long)
    least = [evaluation_line(20, mean_iou=0.48), evaluation_line(40, **narrow)]
    assert "; improving (+2.0 points over the last 20 steps); " in said(tmp_path / "least", *least)
    falling = [evaluation_line(step, mean_iou=0.55 - step / 1000, **narrow) for step in (20, 50)]
    assert "; falling (-3.0 points over the last 30 steps); " in said(tmp_path / "down", *falling)
    steady = [evaluation_line(step, mean_iou=0.5) for step in (20, 40)]
    assert "; no change over the last 20 steps; " in said(tmp_path / "level", *steady)
    two_points = [evaluation_line(20, mean_iou=0.0), evaluation_line(40, mean_iou=0.02)]
    assert "; improving (+2.0 points over the last 20 steps" in said(tmp_path / "two", *two_points)


@pytest.mark.parametrize(
    ("before", "within"), [(0.4504, ""), (0.4508, ", within the noise"), (0.454, ", within the noise")]
)
def test_a_change_is_compared_with_the_noise_as_it_is_told(tmp_path: Path, before: float, within: str) -> None:
    """The noise is 5 points; 4.96 are told as 5.0, 4.92 as 4.9 and 4.6 as 4.6."""
    now = evaluation_line(40, mean_iou=0.5, mean_iou_interval=(0.45, 0.55))
    assert f"over the last 20 steps{within}); " in said(tmp_path, evaluation_line(20, mean_iou=before), now)


def test_a_change_that_chance_explains_is_said_to_be_within_the_noise(tmp_path: Path) -> None:
    before, interval = evaluation_line(20, mean_iou=0.45), (0.4, 0.56)
    for name, reached, words in (("a", 0.5, "+5.0"), ("b", 0.4, "-5.0")):
        now = evaluation_line(40, mean_iou=reached, mean_iou_interval=interval)
        assert f"({words} points over the last 20 steps, within the noise); " in said(tmp_path / name, before, now)
    as_wide = evaluation_line(40, mean_iou=0.5, mean_iou_interval=(0.45, 0.55))
    assert "improving (+5.0 points over the last 20 steps); " in said(tmp_path / "c", before, as_wide)


def test_why_there_is_no_mean_iou_to_draw_is_told(tmp_path: Path) -> None:
    def missing(name: str, *metrics: EvalLine, state: str = "failed") -> str | None:
        return no_mean_iou(read_run(write_run(tmp_path / name, metrics=metrics, state=state), now=0.0))

    assert missing("failed") == "Failed before the first evaluation, so there is no mIoU."
    assert missing("absent", evaluation_line(9, mean_iou=None)) == (
        "No mIoU: none of your classes occurs in the images of the evaluations."
    )
    assert missing("scored", evaluation_line(0, mean_iou=0.0)) is None
    sign_status(write_run(tmp_path / "active"), state="running")
    (tmp_path / "active" / "metrics.jsonl").unlink()
    assert no_mean_iou(read_run(tmp_path / "active", now=time.time())) == "The first evaluation gives the first mIoU."


def test_classes_that_the_validation_images_lack_are_said_so(tmp_path: Path) -> None:
    assert said(tmp_path, evaluation_line(9, mean_iou=None)) == (
        "None of your classes occurs in the 12 validation images, so there is no mIoU."
    )


def test_the_best_is_the_first_highest_of_the_trained_network_during_the_run(tmp_path: Path) -> None:
    lines = [evaluation_line(step, mean_iou=iou) for step, iou in ((0, 0.9), (5, 0.4), (9, 0.6), (12, 0.6), (15, 0.5))]
    better_later = replace(FINAL, weights="best", mean_iou=0.8)
    assert best_step(tmp_path / "a", *lines, better_later) == 9
    assert best_step(tmp_path / "untrained", evaluation_line(0)) is None
    assert best_step(tmp_path / "unscored", evaluation_line(5, mean_iou=None)) is None
