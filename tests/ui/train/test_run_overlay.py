"""Other runs over the curves of a run, and curves over time: what can be told and compared is drawn, of the rest is
said why not."""

from pathlib import Path

import msgspec
import pytest
from apps import OpenApp, read
from drawn_lines import drawn_lines
from run_folders import LABELS, evaluation_line, train_line, write_run
from streamlit.testing.v1 import AppTest

from cocomine.training.runs.config import preset

METRICS = (evaluation_line(0, mean_iou=0.0), train_line(5), evaluation_line(6), evaluation_line(9))
TIMES = '{"step":0,"seconds":30}\n{"step":5,"seconds":90}\n{"step":6,"seconds":150}\n{"step":9,"seconds":240}\n'


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The folder of the workspace's runs, with one run."""
    folder = tmp_path / "home" / "runs"
    write_run(folder / "mine", metrics=METRICS)
    return folder


def opened(open_app: OpenApp, runs: Path) -> AppTest:
    """The Train page with that run shown and the list of others open."""
    app = open_app("train")
    app.selectbox(key="shown-run").set_value(str(runs / "mine"))
    return listing(app, runs)


def listing(app: AppTest, runs: Path) -> AppTest:
    """The page run anew, with the list open: what is open is told to the app by a browser alone."""
    app.session_state[f"overlay-{runs / 'mine'}"] = True
    return app.run()


def ticked(app: AppTest, runs: Path, name: str, *, to: bool = True) -> AppTest:
    """The page after another run was ticked, or was not any more."""
    app.checkbox(key=f"overlay-{runs / 'mine'}-{runs / name}").set_value(to)
    return listing(app, runs)


def test_a_comparable_run_is_drawn_in_a_colour_of_its_own_with_its_validation_alone(
    open_app: OpenApp, runs: Path
) -> None:
    write_run(runs / "other", config=preset("quick", export="/e", steps=20, seed=1), metrics=METRICS)
    app = opened(open_app, runs)
    assert set(drawn_lines(app, 0)) == {"training", "validation"}
    ticked(app, runs, "other")
    losses, ious = drawn_lines(app, 0), drawn_lines(app, 1)
    assert set(losses) == {"mine, training", "mine, validation", "other, validation"}
    assert {"mine, mIoU", "other, mIoU"} < set(ious)
    mine, other = losses["mine, validation"]["line"], losses["other, validation"]["line"]
    assert mine["color"] != other["color"] == ious["other, mIoU"]["line"]["color"]
    assert (other["dash"], ious["other, mIoU"]["line"]["dash"]) == ("dash", "solid")
    ticked(app, runs, "other", to=False)
    assert set(drawn_lines(app, 0)) == {"training", "validation"}


def test_runs_that_cannot_be_compared_are_greyed_with_the_reason(open_app: OpenApp, runs: Path) -> None:
    write_run(runs / "begun", metrics=(train_line(1),))
    cup = msgspec.to_builtins([LABELS[0], msgspec.structs.replace(LABELS[1], name="cup")])
    write_run(runs / "cups", labels=cup, export_manifest_sha256="c" * 64)
    write_run(runs / "fits", config=preset("overfit", export="/e"))
    app = opened(open_app, runs)
    listed = [(box.label.split(" · ")[-1], box.disabled) for box in app.checkbox if str(box.key).startswith("overlay-")]
    assert sorted(listed) == [("no evaluation yet", True), ("other classes", True), ("overfit test", True)]


def test_a_sixth_colour_is_not_made_up(open_app: OpenApp, runs: Path) -> None:
    for index in range(6):
        write_run(runs / f"other-{index}", metrics=METRICS)
    app = opened(open_app, runs)
    for index in range(5):
        ticked(app, runs, f"other-{index}")
    last = app.checkbox(key=f"overlay-{runs / 'mine'}-{runs / 'other-5'}")
    assert last.disabled
    assert last.label.endswith("at most 5 runs at once")
    assert len({line["line"]["color"] for name, line in drawn_lines(app, 0).items() if "validation" in name}) == 6


def test_the_choice_outlives_the_list_and_a_deleted_run_leaves_it(open_app: OpenApp, runs: Path) -> None:
    other = write_run(runs / "other", metrics=METRICS)
    app = opened(open_app, runs)
    ticked(app, runs, "other")
    app.session_state[f"overlay-{runs / 'mine'}"] = False
    assert "other, validation" in drawn_lines(app.run(), 0)
    other.rename(runs.parent / "elsewhere")
    assert set(drawn_lines(app.run(), 0)) == {"training", "validation"}
    assert not app.exception


def test_an_overfit_test_has_no_other_run_over_it(open_app: OpenApp, runs: Path) -> None:
    write_run(runs / "mine", config=preset("overfit", export="/e", steps=9), metrics=METRICS)
    write_run(runs / "other", metrics=METRICS)
    app = opened(open_app, runs)
    assert not any(str(box.key).startswith("overlay-") for box in app.checkbox if not box.disabled)


def test_curves_are_drawn_over_the_time_of_training_where_it_is_known(open_app: OpenApp, runs: Path) -> None:
    (runs / "mine" / "times.jsonl").write_text(TIMES)
    write_run(runs / "former", metrics=METRICS)
    app = opened(open_app, runs)
    ticked(app, runs, "former")
    assert drawn_lines(app, 1)["mine, mIoU"]["x"] == [0, 6, 9]
    app.segmented_control(key="curve-axis").set_value("Time").run()
    assert drawn_lines(app, 1)["mIoU (your classes)"]["x"] == [0.5, 2.5, 4.0]
    assert drawn_lines(app, 0)["training"]["x"] == [1.5]
    assert "former has no times, which former versions did not record, and is drawn over steps only." in read(app)


def test_a_run_without_times_stays_over_steps(open_app: OpenApp, runs: Path) -> None:
    app = opened(open_app, runs)
    app.segmented_control(key="curve-axis").set_value("Time").run()
    assert drawn_lines(app, 1)["mIoU (your classes)"]["x"] == [0, 6, 9]
    assert "mine has no times" in read(app)
