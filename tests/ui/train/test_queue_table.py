"""The runs that wait are in their order, and can be moved, paused and removed."""

import shutil
import time
from pathlib import Path

import pytest
from run_folders import sign_status, write_run
from streamlit.testing.v1 import AppTest

from cocomine.background.reading import TaskReader, line_of
from cocomine.background.records import REQUEST, STATUS, Request, Status, record_bytes
from cocomine.system.own_process import this_process
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.lock import take_lock
from cocomine.ui.train import queue


def page() -> None:
    from cocomine.ui.train.queue import queue_table

    queue_table(())


@pytest.fixture
def tasks_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs that wait; this process stands for theirs."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))
    for number, steps in ((1, 900), (2, 300)):
        name = f"cups-{number}"
        folder = tmp_path / "tasks" / f"training-{number}"
        folder.mkdir(parents=True)
        arguments = {"config": config_as_json(preset("quick", export=tmp_path / "gone", steps=steps))}
        target = str(tmp_path / "runs" / name)
        request = Request(
            kind="training", title=name, work="none", arguments=arguments, queue="training", target=target
        )
        (folder / REQUEST).write_bytes(record_bytes(request))
        status = Status(state="waiting", heartbeat=time.time(), **this_process())
        (folder / STATUS).write_bytes(record_bytes(status))
    return tmp_path / "tasks"


def rows(app: AppTest) -> list[str]:
    """What stands in the rows, without the signs that keep Markdown from reading it."""
    return [text.value.replace("\\", "") for text in app.markdown][1:]


def test_the_queue_is_shown_in_order_and_changed_by_its_buttons(tasks_folder: Path) -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert app.markdown[0].value == "**Queue** · 2 runs waiting"
    assert rows(app) == ["**cups-1** · Starts now · 900 steps", "**cups-2** · Number 2 in line · 300 steps"]
    assert app.button(key="queue-1-up").disabled
    app.button(key="queue-2-up").click().run()
    assert rows(app) == ["**cups-2** · Starts now · 300 steps", "**cups-1** · Number 2 in line · 900 steps"]
    assert [task.request.title for task in line_of(TaskReader().tasks(tasks_folder), "training")] == [
        "cups-2",
        "cups-1",
    ]
    app.button(key="queue-2-pause").click().run()
    assert rows(app)[0] == "**cups-2** · Paused: others pass it · 300 steps"
    app.button(key="queue-1-remove").click().run()
    assert (tasks_folder / "training-1" / "CANCEL").exists()


def test_the_run_at_work_stands_above_those_that_wait(tasks_folder: Path) -> None:
    begun = Status(state="running", began=1.0, heartbeat=time.time(), **this_process())
    (tasks_folder / "training-1" / STATUS).write_bytes(record_bytes(begun))
    run = write_run(tasks_folder.parent / "runs/cups-1")
    sign_status(run, state="running", images_per_s=4.8)
    with take_lock(run):
        app = AppTest.from_function(page).run()
        assert not app.exception
        assert rows(app)[0].startswith("**cups-1** · Training · step 3 / 9 · 4.8 images/s")
        assert "queue-1-up" not in {button.key for button in app.button}
        app.button(key="queue-1-pause").click().run()
        assert rows(app)[0].startswith("**cups-1** · Paused")
    shutil.rmtree(run)
    app.button(key="queue-1-pause").click().run()
    assert rows(app)[0] == "**cups-1** · Waits for a run started elsewhere · 900 steps"


def test_a_run_whose_turn_came_before_its_folder_is_listed_as_soon_as_that_is_there(
    tasks_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[bool] = []
    monkeypatch.setattr(queue, "run_by_itself", lambda: runs.append(True))
    begun = Status(state="running", began=1.0, heartbeat=time.time(), **this_process())
    (tasks_folder / "training-1" / STATUS).write_bytes(record_bytes(begun))
    folder = tasks_folder.parent / "runs" / "cups-1"
    assert queue._beginning([]) == [folder]
    assert queue._beginning([str(folder)]) == []

    queue._until_there([folder])
    assert not runs

    write_run(folder)
    queue._until_there([folder])
    assert runs
    assert queue._beginning([]) == []  # the page is drawn with it, and asks no more
