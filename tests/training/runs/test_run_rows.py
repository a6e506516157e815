"""What stands in the table of runs, and in which settings they differ."""

from pathlib import Path

from run_folders import METRICS, train_line, write_run

from cocomine.training.runs.config import preset
from cocomine.training.runs.reading import read_run
from cocomine.training.runs.run_rows import differing_settings, run_row


def test_a_row_tells_what_is_quoted_and_the_best_beside_it(tmp_path: Path) -> None:
    config = preset("quick", export="/e", steps=1200, seed=4)
    row = run_row(read_run(write_run(tmp_path / "mine", config=config, metrics=METRICS), now=0.0), "tiny")
    assert {name: row[name] for name in ("run", "mIoU", "95 % interval", "best ★", "state", "dataset")} == {
        "run": "mine",
        "mIoU": 0.5,
        "95 % interval": "39.1 to 61.8 %",
        "best ★": 0.5,
        "state": "Done",
        "dataset": "tiny",
    }
    assert {name: row[name] for name in ("classes", "steps", "encoder", "encoder weights", "preset", "seed")} == {
        "classes": "cat",
        "steps": "1,200 / 1,200",
        "encoder": "small",
        "encoder weights": "random",
        "preset": "Quick test",
        "seed": 4,
    }
    assert row["date"] is not None


def test_a_run_without_a_result_has_its_row_and_an_overfit_test_is_called_so(tmp_path: Path) -> None:
    begun = run_row(read_run(write_run(tmp_path / "begun", metrics=(train_line(1),)), now=0.0), "")
    assert (begun["mIoU"], begun["95 % interval"], begun["best ★"], begun["paper metric"]) == (None, None, None, None)
    (tmp_path / "begun" / "run_info.json").unlink()
    assert run_row(read_run(tmp_path / "begun", now=0.0), "")["classes"] == ""
    overfit = write_run(tmp_path / "fits", config=preset("overfit", export="/e"))
    assert run_row(read_run(overfit, now=0.0), "")["state"] == "Overfit test"


def test_only_settings_that_differ_are_listed_with_their_values(tmp_path: Path) -> None:
    one = read_run(write_run(tmp_path / "one", config=preset("quick", export="/e", seed=1)), now=0.0)
    two = read_run(write_run(tmp_path / "two", config=preset("quick", export="/e", seed=2, weights="none")), now=0.0)
    rows = differing_settings([one, two])
    assert [list(row.values())[1:] for row in rows] == [["auto", "none"], ["1", "2"]]
    assert all(row[""] for row in rows)
    assert differing_settings([one, one]) == []
    paper = read_run(write_run(tmp_path / "paper", config=preset("paper", export="/e", seed=1)), now=0.0)
    assert {"": "Learning rate", "one": "0.005", "paper": "0.0001"} in differing_settings([one, paper])
