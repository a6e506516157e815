"""A run's numbers and curves on the Train page: what is quoted, what it is held against, and what can be switched."""

from pathlib import Path

import pytest
from apps import OpenApp, read
from drawn_lines import drawn_lines
from msgspec.structs import replace
from run_folders import FINAL, evaluation_line, train_line, write_run
from streamlit.testing.v1 import AppTest

from cocomine.training.runs.records import MetricLine

LINES: tuple[MetricLine, ...] = (
    evaluation_line(0, mean_iou=0.0, mean_iou_interval=None),
    *(train_line(step, loss=1 / step) for step in range(1, 10)),
    evaluation_line(5, mean_iou=0.55),
    evaluation_line(9),
    FINAL,
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The folder of the workspace's runs."""
    return tmp_path / "home" / "runs"


def opened(open_app: OpenApp) -> AppTest:
    """The Train page with its first run shown."""
    app = open_app("train")
    return app.selectbox(key="shown-run").select_index(0).run()


def numbers(app: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def test_the_numbers_stand_beside_their_interval_and_those_of_an_empty_prediction(
    open_app: OpenApp, runs: Path
) -> None:
    write_run(runs / "run-1", metrics=(*LINES[:-1], replace(FINAL, iou=[0.9, None])))
    app = opened(open_app)
    assert numbers(app) == {
        "mIoU (your classes)": ("50.0 %", "95 %: 39.1 to 61.8 %"),
        "Best": ("55.0 %", "★ step 5"),
        "Empty prediction": ("0.0 %", "without training"),
        "Validation loss": ("0.3", "cross entropy"),
    }
    assert "Not in these images, so not scored: cat." in read(app)
    assert "by its own 95 % interval on 12 validation images a difference below 12 points is noise" in read(app)


def test_the_paper_metric_is_shown_on_demand_with_what_an_empty_prediction_has(open_app: OpenApp, runs: Path) -> None:
    write_run(runs / "run-1", metrics=LINES)
    app = opened(open_app)
    assert not any("Paper metric" in name for name in (*numbers(app), *drawn_lines(app, 1)))
    app.toggle(key="paper-metric").set_value(True).run()
    assert numbers(app)["Paper metric (Eq. 2)"] == ("75.0 %", "no IoU")
    assert numbers(app)["Paper metric, empty prediction"] == ("70.0 %", "without training")
    assert drawn_lines(app, 1)["Paper metric, empty prediction"]["y"] == [0.7, 0.7]


def test_both_losses_are_of_the_same_quantity_and_the_mean_iou_has_what_it_is_held_against(
    open_app: OpenApp, runs: Path
) -> None:
    write_run(runs / "run-1", metrics=LINES)
    app = opened(open_app)
    losses, iou = drawn_lines(app, 0), drawn_lines(app, 1)
    assert (losses["training"]["line"]["dash"], losses["validation"]["line"]["dash"]) == ("solid", "dash")
    assert losses["training"]["line"]["width"] < losses["validation"]["line"]["width"]
    assert losses["training"]["opacity"] < losses["validation"]["opacity"]
    assert (losses["training"]["y"][:2], losses["validation"]["y"]) == ([1.0, 0.5], [0.3, 0.3, 0.3])
    assert (iou["mIoU (your classes)"]["x"], iou["mIoU (your classes)"]["y"]) == ([0, 5, 9], [0.0, 0.55, 0.5])
    assert (iou["best"]["x"], iou["best"]["y"]) == ([5], [0.55])
    assert iou["95 % interval"]["x"] == [5, 9, 9, 5]
    assert iou["empty prediction"]["y"] == [0.0, 0.0]


def test_smoothing_is_drawn_over_the_curve_of_the_training_loss_alone(open_app: OpenApp, runs: Path) -> None:
    write_run(runs / "run-1", metrics=LINES)
    app = opened(open_app)
    app.slider(key="curve-smoothing").set_value(0.5).run()
    losses = drawn_lines(app, 0)
    assert losses["training, smoothed"]["y"][:2] == [1.0, 0.75]
    assert losses["training"]["y"][:2] == [1.0, 0.5]
    assert "validation, smoothed" not in losses


def test_a_run_whose_classes_no_validation_image_has_says_so_instead_of_numbers(open_app: OpenApp, runs: Path) -> None:
    unscored = {"mean_iou": None, "mean_iou_interval": None, "iou": [0.9, None]}
    write_run(runs / "run-1", metrics=(train_line(5), evaluation_line(9, **unscored)))
    app = opened(open_app)
    assert numbers(app)["mIoU (your classes)"] == ("–", "no 95 % interval")
    assert numbers(app)["Best"] == ("–", "no mIoU yet")
    assert "None of your classes occurs in the 12 validation images, so there is no mIoU." in read(app)
    assert len(app.get("plotly_chart")) == 1
    assert [info.value for info in app.info] == [
        "No mIoU: none of your classes occurs in the images of the evaluations."
    ]
    app.toggle(key="paper-metric").set_value(True).run()
    assert drawn_lines(app, 1)["Paper metric (Eq. 2)"]["y"] == [0.75]


def test_a_run_that_failed_before_its_first_evaluation_has_a_loss_and_no_numbers(open_app: OpenApp, runs: Path) -> None:
    write_run(runs / "run-1", state="failed", metrics=(train_line(1), train_line(2)))
    app = opened(open_app)
    assert not app.exception
    assert numbers(app) == {}
    assert drawn_lines(app, 0)["training"]["x"] == [1, 2]
    assert len(app.get("plotly_chart")) == 1
    assert "Failed before the first evaluation, so there is no mIoU." in [info.value for info in app.info]
