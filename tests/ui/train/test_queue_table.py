"""The runs that wait are in their order, and can be moved, paused and removed."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cocomine.background.reading import TaskReader, line_of
from cocomine.background.records import REQUEST, STATUS, Request, Status, record_bytes
from cocomine.system.own_process import this_process


def page() -> None:
    from cocomine.ui.train.queue import queue_table

    queue_table()


@pytest.fixture
def tasks_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two runs that wait; this process stands for theirs."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path))
    for number, name in enumerate(("cups-1", "cups-2"), start=1):
        folder = tmp_path / "tasks" / f"training-{number}"
        folder.mkdir(parents=True)
        request = Request(kind="training", title=name, work="none", arguments={}, queue="training")
        (folder / REQUEST).write_bytes(record_bytes(request))
        status = Status(state="waiting", heartbeat=time.time(), **this_process())
        (folder / STATUS).write_bytes(record_bytes(status))
    return tmp_path / "tasks"


def test_the_queue_is_shown_in_order_and_changed_by_its_buttons(tasks_folder: Path) -> None:
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [text.value for text in app.markdown] == ["**2 runs in the queue**", "**cups-1**", "**cups-2**"]
    assert app.button(key="queue-1-arrow_upward").disabled
    app.button(key="queue-2-arrow_upward").click().run()
    assert [text.value for text in app.markdown][1:] == ["**cups-2**", "**cups-1**"]
    assert [task.request.title for task in line_of(TaskReader().tasks(tasks_folder), "training")] == [
        "cups-2",
        "cups-1",
    ]
    app.button(key="queue-2-pause").click().run()
    assert app.caption[0].value == "Paused: others pass it."
    app.button(key="queue-1-remove").click().run()
    assert (tasks_folder / "training-1" / "CANCEL").exists()
