"""What is said of a run follows from its numbers alone."""

from pathlib import Path
from typing import Any

from run_folders import FINAL, evaluation_line, write_run

from cocomine.training.runs.folder import read_run
from cocomine.training.runs.verdict import few_images_notice, half_width_points, score, verdict


def said(folder: Path, *metrics: dict[str, Any]) -> str | None:
    return verdict(read_run(write_run(folder, metrics=metrics), now=0.0))


def test_nothing_is_said_before_the_first_step(tmp_path: Path) -> None:
    assert said(tmp_path / "a") is None
    assert said(tmp_path / "b", evaluation_line(0)) is None


def test_a_result_is_compared_with_an_empty_prediction_on_the_same_images(tmp_path: Path) -> None:
    assert said(tmp_path / "a", evaluation_line(9, mean_iou=0.562)) == (
        "Better than an empty prediction: class mIoU 56.2%, empty prediction 0.0%."
    )
    assert said(tmp_path / "b", evaluation_line(9, mean_iou=0.004)) == (
        "Not better than an empty prediction yet: class mIoU 0.4%, empty prediction 0.0%."
    )


def test_a_result_within_the_noise_of_so_few_images_is_called_unsure(tmp_path: Path) -> None:
    assert half_width_points(12) > 30 > half_width_points(40)
    few, many = evaluation_line(9, mean_iou=0.3, image_count=12), evaluation_line(9, mean_iou=0.3, image_count=1000)
    assert str(said(tmp_path / "few", few)).startswith("Better than an empty prediction, but 12 images are too few")
    assert str(said(tmp_path / "many", many)).startswith("Better than an empty prediction: class mIoU 30.0%")


def test_it_is_said_whether_the_result_still_rises(tmp_path: Path) -> None:
    rising = [evaluation_line(step, mean_iou=0.5 + step / 1000) for step in (0, 20, 40, 60, 80)]
    assert str(said(tmp_path / "up", *rising)).endswith("Improving: +6.0 points over the last 60 steps.")
    falling = [evaluation_line(step, mean_iou=0.5 - step / 1000) for step in (20, 50)]
    assert str(said(tmp_path / "down", *falling)).endswith("Falling: -3.0 points over the last 30 steps.")
    steady = [evaluation_line(step, mean_iou=0.5) for step in (20, 40)]
    assert str(said(tmp_path / "level", *steady)).endswith("No change over the last 20 steps.")


def test_classes_that_the_validation_images_lack_are_said_so(tmp_path: Path) -> None:
    assert said(tmp_path / "a", evaluation_line(9, mean_iou=None)) == (
        "None of your classes occurs in the 12 validation images, so there is no mIoU."
    )


def test_the_last_weights_are_quoted_and_never_the_best(tmp_path: Path) -> None:
    best = FINAL | {"weights": "best", "mean_iou": 0.9}
    run = read_run(write_run(tmp_path / "a", metrics=(evaluation_line(9, mean_iou=0.4), FINAL, best)), now=0.0)
    assert score(run) == FINAL


def test_many_images_need_no_notice() -> None:
    assert few_images_notice(1000) is None
    assert few_images_notice(40) == (
        "With 40 validation images, differences between runs below ±17 points are not significant."
    )
