"""The Compare page: all runs in a table, and those that are ticked side by side where they can be compared."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from apps import OpenApp, on_compare, read
from drawn_lines import drawn_lines
from evaluated_runs import write_evaluated_run
from run_folders import FINAL, METRICS, train_line, write_run
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.testing.v1 import AppTest

from cocomine.training.runs.config import preset

OTHER_CLASSES: dict[str, Any] = {"export_manifest_sha256": "c" * 64, "sources": ["d" * 64], "dataset": "others"}


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """The folder of the workspace's runs: two that can be compared, and three that cannot; from the newest on."""
    folder = tmp_path / "home" / "runs"
    write_run(folder / "e-begun", metrics=(train_line(1),))
    write_run(folder / "d-other", **OTHER_CLASSES)
    write_run(folder / "c-fits", config=preset("overfit", export="/e"))
    write_run(folder / "b-second", config=preset("quick", export="/e", steps=9, seed=1))
    write_run(folder / "a-first")
    for age, name in enumerate(("a-first", "b-second", "c-fits", "d-other", "e-begun")):
        os.utime(folder / name / "config.json", (1_700_000_000 - age,) * 2)
    return folder


@pytest.fixture
def made_runs(tmp_path: Path) -> tuple[Path, Path]:
    """Two runs whose evaluations counted the same."""
    first, second = (tmp_path / "home" / "runs" / name for name in ("first", "second"))
    write_evaluated_run(tmp_path, second)
    write_evaluated_run(tmp_path, first)
    return first, second


def ticked(app: AppTest, *rows: int) -> AppTest:
    """Tick these rows and no others, as a browser sends it."""
    fields = [each for each in app._tree.get_widget_states().widgets if each.WhichOneof("value") != "trigger_value"]
    selection = json.dumps({"selection": {"rows": list(rows)}})
    table = app.dataframe[0].proto.id
    return app._run(WidgetStates(widgets=[*fields, WidgetState(id=table, string_value=selection)]))


def test_all_runs_are_in_the_table_and_the_newest_that_can_be_compared_stand_side_by_side(
    open_app: OpenApp, runs: Path
) -> None:
    app = on_compare(open_app, "Runs")
    table = app.dataframe[0].value
    assert table["run"].tolist() == sorted(each.name for each in runs.iterdir())
    assert table["mIoU"].tolist()[:2] == [50.0, 50.0]
    assert table["state"].tolist() == ["Done", "Done", "Overfit test", "Done", "Done"]
    losses, ious = drawn_lines(app, 0), drawn_lines(app, 1)
    assert set(losses) == {"a-first", "b-second"}
    assert set(ious) == {"a-first", "b-second", "empty prediction"}
    assert losses["a-first"]["line"]["color"] == ious["a-first"]["line"]["color"] != ious["b-second"]["line"]["color"]
    assert {line["line"]["dash"] for line in losses.values()} == {"dash"}
    assert "cat · 12 validation images of val2017 · tiny" in [each.value.strip("*") for each in app.markdown]


def test_only_settings_that_differ_are_shown_and_why_there_is_no_difference(open_app: OpenApp, runs: Path) -> None:
    assert runs.is_dir()
    app = on_compare(open_app, "Runs")
    assert app.dataframe[1].value.to_numpy().tolist() == [["Seed", "0", "1"]]
    assert "it has no counts of the images that its mIoU is of" in read(app) + " ".join(
        each.value for each in app.markdown
    )


def test_a_difference_stands_with_its_interval_and_what_it_does_not_tell(
    open_app: OpenApp, made_runs: tuple[Path, Path]
) -> None:
    app = on_compare(open_app, "Runs")
    said = " ".join(each.value for each in app.markdown).replace("\\", "")
    assert "second is 0.0 points above first on the same 4 validation images; there is no interval" in said
    assert "One run each tells nothing about seeds" in read(app)
    assert made_runs[0].is_dir()


def test_runs_that_cannot_be_compared_are_never_drawn_together(open_app: OpenApp, runs: Path) -> None:
    assert runs.is_dir()
    app = ticked(on_compare(open_app, "Runs"), 0, 1, 2, 3, 4)
    assert set(drawn_lines(app, 0)) == {"a-first", "b-second"}
    said = read(app).replace("\\", "")
    for name, reason in (("c-fits", "overfit test"), ("d-other", "other dataset"), ("e-begun", "no evaluation yet")):
        assert f"**{name}** is not beside a-first: {reason}." in said
    app = ticked(app, 0, 3)
    assert not app.get("plotly_chart")
    assert "Tick another run that was judged on the same validation images." in read(app)
    app = ticked(app, 2, 4)
    assert "None of the ticked runs has a result to compare" in read(app)


def test_runs_without_a_tick_are_a_table_alone(open_app: OpenApp, runs: Path) -> None:
    assert runs.is_dir()
    app = ticked(on_compare(open_app, "Runs"))
    assert (len(app.dataframe), len(app.get("plotly_chart"))) == (1, 0)
    assert not app.header, "the other tabs are drawn where a person opens them"


def test_curves_of_runs_are_drawn_over_time_where_all_of_them_tell_it(open_app: OpenApp, runs: Path) -> None:
    (runs / "a-first" / "times.jsonl").write_text('{"step":0,"seconds":0}\n{"step":9,"seconds":90}\n')
    app = on_compare(open_app, "Runs")
    app.segmented_control(key="compared-axis").set_value("Time").run()
    assert drawn_lines(app, 0)["a-first"]["x"] == [0.0, 90.0]
    assert "b-second has no times" in read(app).replace("\\", "")


def test_more_runs_than_there_are_colours_are_told(open_app: OpenApp, tmp_path: Path) -> None:
    for index in range(7):
        write_run(tmp_path / "home" / "runs" / f"run-{index}", metrics=(*METRICS, FINAL))
    app = ticked(on_compare(open_app, "Runs"), *range(7))
    assert len(drawn_lines(app, 0)) == 6
    assert "The first 6 of the ticked runs are drawn" in read(app)
