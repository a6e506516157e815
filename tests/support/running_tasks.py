"""Tasks of a test's own, started as the app starts them."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
import works

from cocomine.background.reading import Task, TaskReader

LIMIT_S = 60.0
WaitFor = Callable[..., Task]


@pytest.fixture
def tasks_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where tasks are; their processes find the module `works`."""
    monkeypatch.setenv("PYTHONPATH", str(Path(works.__file__).parent))
    return tmp_path / "tasks"


@pytest.fixture
def wait_for() -> WaitFor:
    """Wait until a task is as it should be."""

    def wait(folder: Path, is_so: Callable[[Task], bool] = lambda task: not task.is_active) -> Task:
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            task = next((each for each in TaskReader().tasks(folder.parent) if each.folder == folder), None)
            assert task is not None, f"{folder} is gone"
            if is_so(task):
                return task
            time.sleep(0.02)
        pytest.fail(f"{folder} is not as it should be: {(folder / 'status.json').read_text()}")

    return wait
