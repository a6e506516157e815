"""What waits for its turn to train, in words: runs, and other work that trains several."""

import time
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from run_folders import sign_status, write_run
from split_exports import exported

from cocomine.background.reading import Task
from cocomine.background.records import Request, Status
from cocomine.errors import ExportError
from cocomine.exporting.reading import ExportEntry, read_entry
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.queue import QUEUE
from cocomine.training.runs.queue_rows import QueueSources, _line_words, queue_rows
from cocomine.training.runs.reading import read_run
from cocomine.workspace import Workspace


def task(folder: Path, status: Status, *, kind: str) -> Task:
    request = Request(
        kind=kind, title="Claim check of cup", work="w", arguments={}, queue=QUEUE, target=str(folder / "cup-1")
    )
    return Task(folder=folder / f"{kind}-5", request=request, status=status, state=status.state)


def no_export(folder: Path) -> ExportEntry:
    raise ExportError(f"{folder}: is no export. Export again.")


def sources(root: Path) -> QueueSources:
    return QueueSources(
        run_at=lambda folder: read_run(folder, time.time()), export_at=no_export, workspace=Workspace(root=root)
    )


def test_a_claim_check_at_work_says_what_it_does_under_its_title(tmp_path: Path) -> None:
    status = Status(state="running", began=1.0, message="Training arm A, 150 steps, seed 0")
    (row,) = queue_rows([task(tmp_path, status, kind="claim")], sources(tmp_path))
    assert (row.name, row.words) == ("Claim check of cup", "Training arm A, 150 steps, seed 0")


def test_a_claim_check_in_line_has_its_title_too(tmp_path: Path) -> None:
    (row,) = queue_rows([task(tmp_path, Status(state="waiting"), kind="claim")], sources(tmp_path))
    assert (row.name, row.words) == ("Claim check of cup", "Starts now")


def test_a_run_that_waits_for_one_started_elsewhere_says_so_under_the_name_of_its_folder(tmp_path: Path) -> None:
    (row,) = queue_rows([task(tmp_path, Status(state="running", began=1.0), kind="training")], sources(tmp_path))
    assert (row.name, row.words) == ("cup-1", "Waits for a run started elsewhere")


def test_other_work_has_its_title_whatever_its_kind(tmp_path: Path) -> None:
    status = Status(state="running", began=1.0, message="Packing")
    for kind in ("claim", "zip"):  # before and after "training"
        (row,) = queue_rows([task(tmp_path, status, kind=kind)], sources(tmp_path))
        assert (row.name, row.words) == ("Claim check of cup", "Packing")


def test_only_what_trains_is_listed(tmp_path: Path) -> None:
    running = task(tmp_path, Status(state="running", began=1.0), kind="training")
    for queue in ("exports", "zips", ""):
        other = replace(running, request=msgspec.structs.replace(running.request, queue=queue))
        assert queue_rows([other], sources(tmp_path)) == []


@pytest.mark.parametrize(
    ("ahead", "said"), [((), "Starts now"), (("a",), "Number 2 in line"), (("a", "b"), "Number 3 in line")]
)
def test_who_waits_is_told_its_place_in_line(tmp_path: Path, ahead: tuple[str, ...], said: str) -> None:
    waiting = task(tmp_path, Status(state="waiting"), kind="training")
    assert _line_words(replace(waiting, ahead=ahead)) == said


def test_a_run_at_work_tells_its_state_and_how_far_it_is_and_one_that_ended_neither(tmp_path: Path) -> None:
    write_run(tmp_path / "cup-1", config=preset("quick", export="/e", steps=9))
    at_work = task(tmp_path, Status(state="running", began=1.0), kind="training")
    (row,) = queue_rows([at_work], sources(tmp_path))
    assert (row.state, row.progress) == ("Waits for a run started elsewhere", "step 9 / 9")
    sign_status(tmp_path / "cup-1", state="running")
    with take_lock(tmp_path / "cup-1"):
        (row,) = queue_rows([at_work], sources(tmp_path))
    assert (row.state, row.progress) == ("Training", "step 3 / 9")


def test_where_no_speed_was_measured_the_steps_are_told_alone(tmp_path: Path) -> None:
    request = {"config": config_as_json(preset("quick", export=str(exported(tmp_path)), steps=1200))}
    waiting = task(tmp_path, Status(state="waiting"), kind="training")
    waiting = replace(waiting, request=msgspec.structs.replace(waiting.request, arguments=request))
    known = replace(sources(tmp_path), export_at=read_entry)
    (row,) = queue_rows([waiting], known)
    assert (row.dataset, row.progress) == ("data", "1,200 steps")
