"""A run that was started while another trains waits in the queue, and its task tells what became of it."""

import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from run_folders import write_run

from cocomine.background import launching
from cocomine.background.launching import start_task
from cocomine.background.reading import TaskReader, ask_to_cancel, ask_to_go_on, ask_to_pause
from cocomine.background.records import Request, record_bytes
from cocomine.background.records import Status as TaskStatus
from cocomine.background.reporting import Report
from cocomine.errors import TrainingError
from cocomine.system.jobs import JobCancelled
from cocomine.system.own_process import this_process
from cocomine.training.runs import queue
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import STOP
from cocomine.training.runs.records import Status, readable_json

CONFIG = preset("quick", export="/e", steps=9)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    (tmp_path / "task").mkdir()
    monkeypatch.setattr(queue, "LOOK_S", 0.01)
    return Report(tmp_path / "task")


def ends_as(state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let runs end at once, as their process would have left them."""
    monkeypatch.setattr(queue, "start_run", lambda config, folder, _: write_run(folder, config=config, state=state))


def carried_out(folder: Path, report: Report) -> dict[str, object]:
    return queue.carry_out({"run": str(folder), "config": config_as_json(CONFIG), "changes": {}}, report)


def lives(folder: Path) -> None:
    """Let this process be that of the run in a folder."""
    write_run(folder, config=CONFIG, state="running")
    status = Status(state="running", step=3, steps=9, heartbeat=time.time(), **this_process())
    (folder / "status.json").write_bytes(readable_json(status))


def test_the_task_of_a_run_says_how_it_ended(tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_as("done", monkeypatch)
    assert carried_out(tmp_path / "runs" / "cups-1", report) == {"sentence": "cups-1: trained, 9 steps."}
    ends_as("stopped", monkeypatch)
    stopped = carried_out(tmp_path / "runs" / "cups-2", report)
    assert stopped == {"sentence": "cups-2: stopped at step 9. Resume goes on.", "is_well": False}
    ends_as("failed", monkeypatch)
    with pytest.raises(TrainingError, match="so it is"):
        carried_out(tmp_path / "runs" / "cups-3", report)


@pytest.fixture
def stopping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run whose process heeds STOP, while nobody waits in vain."""
    folder = tmp_path / "runs" / "cups-1"

    def look_for_stop(_: float) -> None:
        if (folder / STOP).exists():
            (folder / STOP).unlink()
            write_run(folder, config=CONFIG, state="stopped")

    monkeypatch.setattr(queue, "time", SimpleNamespace(time=time.time, sleep=look_for_stop))
    return folder


def test_a_cancelled_task_stops_its_run(
    tmp_path: Path, stopping: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(*_: object) -> None:
        lives(stopping)
        ask_to_cancel(tmp_path / "task")

    monkeypatch.setattr(queue, "start_run", start)
    with pytest.raises(JobCancelled):
        carried_out(stopping, report)
    assert '"stopped"' in (stopping / "status.json").read_text()


def test_a_paused_task_stops_its_run_and_goes_on_with_it(
    tmp_path: Path, stopping: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[Path] = []

    def start(*_: object) -> None:
        starts.append(stopping)
        if len(starts) == 1:
            lives(stopping)
            ask_to_pause(tmp_path / "task")
            threading.Timer(0.3, ask_to_go_on, [tmp_path / "task"]).start()
        else:
            write_run(stopping, config=CONFIG, state="done")

    monkeypatch.setattr(queue, "start_run", start)
    assert carried_out(stopping, report) == {"sentence": "cups-1: trained, 9 steps."}
    assert len(starts) == 2


def test_a_run_that_is_at_work_already_is_followed_and_not_started_twice(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "runs" / "cups-1"
    lives(folder)
    with take_lock(folder):
        queue._started(start_run, CONFIG, folder, {})
    (folder / "status.json").write_text('{"state": "done"}')
    with pytest.raises(TrainingError, match="is done"):
        queue._started(start_run, CONFIG, folder, {})


@pytest.mark.slow
def test_a_second_start_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The queue's tasks are real processes; the first run is this process, which trains for as long as the test."""
    monkeypatch.setattr(queue, "start_run", lambda _config, folder, _changes: lives(folder))
    runs, tasks = tmp_path / "runs", tmp_path / "tasks"
    assert queue.start_in_turn(CONFIG, runs / "cups-1", tasks)
    assert not queue.start_in_turn(CONFIG, runs / "cups-2", tasks)
    second, first = TaskReader().tasks(tasks)
    assert (first.ahead, second.ahead) == ((), ("Training of cups-1",))
    assert not (runs / "cups-2").exists()
    for task in (second, first):
        ask_to_cancel(task.folder)
    (runs / "cups-1" / "status.json").write_text('{"state": "stopped"}')
    deadline = time.monotonic() + 60
    while any(task.is_active for task in TaskReader().tasks(tasks)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_run_that_waits_in_the_queue_is_not_moved(
    tmp_path: Path, stopping: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "start_own_process", lambda *_: None)
    request = Request(kind="training", title="cups-1", work="none", arguments={}, target=str(stopping))
    folder = start_task(tmp_path / "tasks", request)
    with take_lock(folder):
        with pytest.raises(TrainingError, match="cups-1: this run is in the queue"):
            queue.refuse_where_held(stopping, tmp_path / "tasks")
        queue.refuse_where_held(stopping.with_name("cups-2"), tmp_path / "tasks")
        status = TaskStatus(state="running", began=1.0, heartbeat=time.time(), **this_process())
        (folder / "status.json").write_bytes(record_bytes(status))
        queue.refuse_where_held(stopping, tmp_path / "tasks")
        ask_to_pause(folder)
        task = queue.held_task(stopping, TaskReader().tasks(tmp_path / "tasks"))
    assert task is not None
    assert task.folder == folder


@pytest.mark.parametrize(
    ("fields", "holds"),
    [
        ({}, True),
        ({"is_in_line": False, "wants_pause": True}, True),
        ({"is_in_line": False}, False),
        ({"is_active": False}, False),
        ({"kind": "export"}, False),
        ({"kind": "zip"}, False),
        ({"target": "/runs/cups-0"}, False),
        ({"target": "/runs/cups-2"}, False),
    ],
)
def test_a_task_that_is_to_start_a_run_holds_it(fields: dict[str, Any], holds: bool) -> None:
    found = {"kind": "training", "target": "/runs/cups-1", "is_active": True, "is_in_line": True} | fields
    request = SimpleNamespace(kind=found["kind"], target=found["target"])
    task: Any = SimpleNamespace(request=request, **({"wants_pause": False} | found))
    assert queue.held_task(Path("/runs/cups-1"), [task]) is (task if holds else None)


@pytest.mark.parametrize(
    ("tasks", "active", "starts"),
    [
        ([("mine", ())], (), True),
        ([("another", ("x",)), ("mine", ()), ("zzz", ("x",))], (), True),
        ([("another", ()), ("mine", ("Training of cups-0",))], (), False),
        ([("mine", ())], ("cups-0",), False),
        ([("another", ())], (), False),  # its task is gone already
    ],
)
def test_a_run_starts_now_where_nothing_is_ahead_of_it_and_nothing_trains(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tasks: list[tuple[str, tuple[str, ...]]],
    active: tuple[str, ...],
    starts: bool,
) -> None:
    listed = [SimpleNamespace(folder=tmp_path / name, ahead=ahead) for name, ahead in tasks]
    started: list[Path] = []
    monkeypatch.setattr(queue, "start_task", lambda *_: tmp_path / "mine")
    monkeypatch.setattr(queue, "TaskReader", lambda: SimpleNamespace(tasks=lambda _: listed))
    monkeypatch.setattr(queue, "active_folders", lambda *_: [tmp_path / name for name in active])
    monkeypatch.setattr(queue, "start_run", lambda _config, folder, _changes: started.append(folder))
    assert queue.start_in_turn(CONFIG, tmp_path / "cups-1", tmp_path / "tasks") is starts
    assert started == ([tmp_path / "cups-1"] if starts else [])


def test_a_run_that_ended_while_its_task_was_paused_is_not_started_again(
    tmp_path: Path, stopping: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts: list[Path] = []

    def start(*_: object) -> None:
        starts.append(stopping)
        ask_to_pause(tmp_path / "task")
        threading.Timer(0.1, ask_to_go_on, [tmp_path / "task"]).start()
        write_run(stopping, config=CONFIG, state="done")

    monkeypatch.setattr(queue, "start_run", start)
    assert carried_out(stopping, report) == {"sentence": "cups-1: trained, 9 steps."}
    assert len(starts) == 1
