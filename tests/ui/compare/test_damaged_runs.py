"""Whatever became of the files of one run, it is a sentence about that one, and its neighbours stay."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from apps import OpenApp, on_compare, read
from msgspec.structs import replace
from mutations import mutated
from PIL import Image
from run_folders import LABELS, evaluation_line, train_line, write_run
from value_mutations import revalued

from cocomine.training.runs.reading import list_runs
from cocomine.training.runs.run_scores import comparable_groups, comparison_table, score
from cocomine.training.runs.verdict import verdict

NOW = 1_800_000_000.0
FILES = ("config.json", "status.json", "run_info.json", "metrics.jsonl")
MUTATED = 100


def looked_at(runs_folder: Path) -> str:
    """Do what the pages do with all runs below a folder; return what is said of damaged ones."""
    runs, damaged = list_runs(runs_folder, NOW)
    assert [run.folder.name for run in runs if run.folder.name == "sound"] == ["sound"]
    for run in runs:
        json.dumps(msgspec.to_builtins([run.status, run.info, run.metrics]), allow_nan=False).encode()
        verdict(run)
        if run.info is not None and (line := score(run)) is not None:
            assert [line.iou[label.label] for label in run.info.labels]
    for group in comparable_groups(runs):
        assert group.title
        comparison_table(group)
    return " ".join([each.problem for each in damaged] + [problem for run in runs for problem in run.problems])


@pytest.mark.parametrize("name", FILES)
def test_a_file_with_broken_bytes_costs_no_other_run(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "sound")
    broken = write_run(tmp_path / "broken") / name
    whole = broken.read_bytes()
    for seed in range(MUTATED):
        broken.write_bytes(mutated(whole, seed))
        looked_at(tmp_path)


@pytest.mark.parametrize("name", FILES)
def test_values_of_any_kind_cost_no_other_run(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "sound")
    broken = write_run(tmp_path / "broken") / name
    lines = broken.read_bytes().splitlines() if name == "metrics.jsonl" else [broken.read_bytes()]
    for seed in range(MUTATED):
        index = random.Random(seed).randrange(len(lines))
        broken.write_bytes(b"\n".join([*lines[:index], revalued(lines[index], seed), *lines[index + 1 :], b""]))
        looked_at(tmp_path)


@pytest.mark.parametrize("name", [*FILES, "samples", "log.txt", "lock", "model_card.md"])
def test_a_folder_in_the_place_of_a_file_is_named(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "sound")
    broken = write_run(tmp_path / "broken")
    (broken / name).unlink(missing_ok=True)
    (broken / name / "inside").mkdir(parents=True)
    assert (name in looked_at(tmp_path)) == (name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_binary_garbage_is_named(tmp_path: Path, name: str) -> None:
    write_run(tmp_path / "sound")
    (write_run(tmp_path / "broken") / name).write_bytes(random.Random(0).randbytes(5000) + b"\n")
    assert name in looked_at(tmp_path)


def test_damaged_lines_of_the_metrics_are_counted_and_the_others_kept(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    path = folder / "metrics.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"loss":0.5', b'"loss":NaN', 1) + b"\x00" * 40 + b'\n{"step": 10, "k')
    [run], _ = list_runs(tmp_path, NOW)
    assert len(run.metrics.train) == 1
    assert len(run.metrics.evaluations) == 2
    assert run.problems[0].startswith("metrics.jsonl: 2 of 6 lines are damaged and left out (line 2: ")


def test_an_evaluation_of_another_number_of_labels_is_left_out(tmp_path: Path) -> None:
    write_run(
        tmp_path / "run",
        metrics=(train_line(1), evaluation_line(2, iou=[0.9, 0.5, 0.1], image_counts=[], pixel_counts=[])),
    )
    [run], _ = list_runs(tmp_path, NOW)
    assert run.metrics.evaluations == ()
    assert "IoU of 3 labels, not of 2" in run.problems[0]


def test_labels_that_no_result_can_be_looked_up_by_are_named(tmp_path: Path) -> None:
    write_run(tmp_path / "run", labels=msgspec.to_builtins([LABELS[0], replace(LABELS[1], label=200)]))
    [run], _ = list_runs(tmp_path, NOW)
    assert run.info is None
    assert "run_info.json is damaged and left out (its labels are not numbered from 0" in run.problems[0]


def test_settings_of_another_version_are_named_with_what_to_do(tmp_path: Path) -> None:
    path = write_run(tmp_path / "run") / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"mixup": 0.2}))
    runs, [damaged] = list_runs(tmp_path, NOW)
    assert runs == []
    assert damaged.problem.endswith("unknown setting 'mixup'. Remove it, or update CocoMine.")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_opened_is_named(tmp_path: Path) -> None:
    write_run(tmp_path / "sound")
    closed = write_run(tmp_path / "closed")
    closed.chmod(0)
    try:
        assert "closed: cannot be opened (Permission denied)" in looked_at(tmp_path)
    finally:
        closed.chmod(0o700)


def removed(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def filled_with_nul(path: Path) -> None:
    path.write_bytes(b"\x00" * 500 + b"\n")


def made_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.slow
@pytest.mark.parametrize("damage", [removed, emptied, filled_with_nul, made_a_folder])
@pytest.mark.parametrize("page", ["train", "compare"])
def test_pages_live_with_every_damage(
    open_app: OpenApp, tmp_path: Path, page: str, damage: Callable[[Path], None]
) -> None:
    """One run for each file that is damaged, and one whose sample is no image."""
    runs = tmp_path / "home" / "runs"
    write_run(runs / "sound")
    for name in FILES:
        damage(write_run(runs / name.replace(".", "-")) / name)
    (runs / "sound" / "samples" / "step_000009").mkdir(parents=True)
    (runs / "sound" / "samples" / "step_000009" / "0.png").write_bytes(b"no image")
    Image.new("RGB", (8, 4)).save(runs / "sound" / "samples" / "step_000009" / "1.png")
    app = on_compare(open_app, "Runs") if page == "compare" else open_app(page)
    assert not app.exception
    assert "config-json" in read(app) or any("config-json" in each.value for each in app.markdown)
    if page == "train":
        for folder in app.selectbox(key="shown-run").options:
            app.selectbox(key="shown-run").select(folder).run()
            assert not app.exception, folder
