"""The files of a run are read as they are written, also by former versions, and each part of them once."""

import json
from dataclasses import replace as with_setting
from pathlib import Path
from typing import Any

import msgspec
import pytest
from run_folders import EVALUATION, FINAL, INFO, evaluation_line, train_line, write_run

from cocomine.training.runs.config import config_as_json, config_from_json, preset
from cocomine.training.runs.metrics_reader import MetricsReader
from cocomine.training.runs.reading import read_run
from cocomine.training.runs.records import (
    EvalLine,
    Metrics,
    RunInfo,
    Status,
    encoded_line,
    read_record,
    readable_json,
)

FORMER_SCORES = {"mean_iou": 0.5, "iou": [0.9, 0.5], "pixel_accuracy": 0.9, "eq2": 0.75, "eq3": 0.3}
FORMER_BASELINE = {"mean_iou": 0.0, "iou": [0.7, 0.0], "pixel_accuracy": 0.7, "eq2": 0.7, "eq3": 0.6}
FORMER_LACKS: dict[str, Any] = {
    "mean_iou_with_background": None,
    "mean_iou_interval": None,
    "prior_baseline": None,
    "image_counts": [],
    "pixel_counts": [],
}
FORMER_LINES: list[dict[str, Any]] = [
    {"step": 5, "kind": "train", "loss": 0.5, "eq3": 0.5, "dice": None, "rate": 1e-3},
    {"step": 9, "kind": "eval", "image_count": 12, **FORMER_SCORES, "nothing": FORMER_BASELINE},
    {"step": 9, "kind": "final", "weights": "last", "image_count": 12, **FORMER_SCORES, "nothing": FORMER_BASELINE},
]


@pytest.mark.parametrize("record", [INFO, Status(state="running", step=3, steps=9, pid=7, host="here")])
def test_a_record_that_was_written_is_read_as_it_was(tmp_path: Path, record: msgspec.Struct) -> None:
    (tmp_path / "record.json").write_bytes(readable_json(record))
    assert read_record(tmp_path / "record.json", type(record)) == (record, None)


@pytest.mark.parametrize(
    "change",
    [
        {"step": -1},
        {"steps": -1},
        {"step": 10**9 + 1},
        {"seconds_left": -0.1},
        {"heartbeat": 1e11 + 1e6},
        {"pid": 0},
        {"pid": 2**31},
    ],
)
def test_a_number_that_cannot_be_is_damage(tmp_path: Path, change: dict[str, float]) -> None:
    (tmp_path / "status.json").write_text(json.dumps({"state": "running"} | change))
    record, problem = read_record(tmp_path / "status.json", Status)
    assert record is None
    assert str(problem).startswith("status.json is damaged and left out (")


@pytest.mark.parametrize("change", [{"step": 10**9}, {"seconds_left": 0.0}, {"heartbeat": 1e11}, {"pid": 2**31 - 1}])
def test_the_largest_and_the_least_numbers_are_read(tmp_path: Path, change: dict[str, float]) -> None:
    (tmp_path / "status.json").write_text(json.dumps({"state": "running"} | change))
    record, problem = read_record(tmp_path / "status.json", Status)
    assert problem is None
    assert {name: getattr(record, name) for name in change} == change


def test_a_status_that_says_nothing_but_its_state_has_gone_no_step(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text('{"state": "starting"}')
    record, _ = read_record(tmp_path / "status.json", Status)
    assert record is not None
    assert (record.step, record.steps, record.heartbeat, record.pid, record.notices) == (0, 0, 0.0, None, [])


@pytest.mark.parametrize("share", [-0.001, 1.001])
def test_a_share_below_nothing_or_above_all_is_damage(tmp_path: Path, share: float) -> None:
    (tmp_path / "metrics.jsonl").write_text(encoded_line(evaluation_line(1, pixel_accuracy=share)))
    assert MetricsReader().read(tmp_path / "metrics.jsonl", 2).evaluations == ()


def test_lines_of_one_kind_alone_are_metrics() -> None:
    assert Metrics(train=(train_line(1),))
    assert Metrics(evaluations=(EVALUATION,))
    assert Metrics(finals=(FINAL,))
    assert not Metrics(problem="2 lines cannot be read")


def test_a_run_of_a_former_version_is_read(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    settings = config_as_json(preset("recommended", export="/e"))
    former = {"learning_rate": "rate", "pretrained_learning_rate": "pretrained_rate", "frozen_stages": "frozen_parts"}
    settings = {former.get(name, name): value for name, value in settings.items()} | {"preset": "modern"}
    info = json.loads(msgspec.json.encode(INFO))
    info["labels"] = [{**label, "picked": label["selected"]} for label in info["labels"]]
    info["weights"] = {**info["weights"], "complete_parts": 2}
    for label in info["labels"]:
        del label["selected"]
    del info["weights"]["complete_stages"]
    info["frozen"] = info.pop("frozen_stages")
    (folder / "config.json").write_text(json.dumps(settings))
    (folder / "run_info.json").unlink()
    (folder / "facts.json").write_text(json.dumps(info))
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in FORMER_LINES))

    run = read_run(folder, now=0.0)
    assert run.problems == ()
    assert run.config == preset("recommended", export="/e")
    assert run.info == msgspec.structs.replace(INFO, weights=msgspec.structs.replace(INFO.weights, complete_stages=2))
    assert (run.metrics.train, run.metrics.evaluations, run.metrics.finals) == (
        (train_line(5),),
        (as_former(EVALUATION),),
        (as_former(FINAL),),
    )


def as_former(line: EvalLine) -> EvalLine:
    """A line without what former versions did not say."""
    baseline = msgspec.structs.replace(line.background_baseline, mean_iou_with_background=None)
    return msgspec.structs.replace(line, **FORMER_LACKS, background_baseline=baseline)


@pytest.mark.parametrize("name", ["image_counts", "pixel_counts"])
def test_counts_of_another_number_of_labels_are_damage(tmp_path: Path, name: str) -> None:
    (tmp_path / "metrics.jsonl").write_text(encoded_line(EVALUATION).replace(f'"{name}":[', f'"{name}":[1,'))
    metrics = MetricsReader().read(tmp_path / "metrics.jsonl", 2)
    assert not metrics
    assert f"{name} of 3 labels, not of 2" in str(metrics.problem)


def test_the_former_names_of_presets_are_translated_and_others_kept() -> None:
    config = preset("quick", export="/e")
    assert config_from_json(config_as_json(config) | {"preset": "try"}) == config
    assert config_from_json(config_as_json(with_setting(config, preset="mine"))).preset == "mine"


def test_an_iou_above_one_is_damage(tmp_path: Path) -> None:
    line = encoded_line(EVALUATION).replace('"mean_iou":0.5', '"mean_iou":50')
    (tmp_path / "metrics.jsonl").write_text(line)
    metrics = MetricsReader().read(tmp_path / "metrics.jsonl", 2)
    assert not metrics
    assert str(metrics.problem).startswith("metrics.jsonl: 1 of 1 lines are damaged and left out (line 1: Expected")


def test_labels_that_are_not_numbered_from_0_are_no_record() -> None:
    with pytest.raises(ValueError, match="not numbered from 0"):
        msgspec.structs.replace(INFO, labels=INFO.labels[1:])


def test_records_are_read_where_the_folder_has_none(tmp_path: Path) -> None:
    assert read_record(tmp_path / "run_info.json", RunInfo) == (None, None)
