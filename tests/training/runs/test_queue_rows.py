"""What waits for its turn to train, in words: runs, and other work that trains several."""

import time
from pathlib import Path

from cocomine.background.reading import Task
from cocomine.background.records import Request, Status
from cocomine.errors import ExportError
from cocomine.exporting.reading import ExportEntry
from cocomine.training.runs.queue import QUEUE
from cocomine.training.runs.queue_rows import QueueSources, queue_rows
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
