"""A process of our own: its progress, its result and its errors arrive, and it never stays behind."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from watching import kept_processes

from cocomine.errors import DatasetError
from cocomine.system.jobs import Progress
from cocomine.system.subprocesses import run_in_subprocess, with_this_package

WORK = """
    import sys, time
    from cocomine.errors import SelectionError
    from cocomine.system.subprocesses import serve_parent

    def work(progress):
        progress(1, 2)
        {body}

    if __name__ == "__main__":
        serve_parent(work)
"""


class Worker:
    """A module whose work is this; `run` lets a process do it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        monkeypatch.setenv("PYTHONPATH", str(folder))

    def write(self, body: str) -> None:
        (self.folder / "some_work.py").write_text(textwrap.dedent(WORK).format(body=body))

    def run(self, body: str, progress: Progress = lambda _, __: None) -> Any:
        self.write(body)
        return run_in_subprocess("some_work", ["an argument"], progress, work="Thinking", remedy="think again")


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Worker:
    return Worker(tmp_path, monkeypatch)


def test_the_result_and_the_progress_arrive(worker: Worker) -> None:
    reports: list[tuple[int, int]] = []
    result = worker.run("return {'heard': sys.argv[1]}", lambda done, total: reports.append((done, total)))
    assert result == {"heard": "an argument"}
    assert set(reports) - {(0, 0)} == {(1, 2)}


@pytest.mark.parametrize("error", ["SelectionError", "OSError"])
def test_an_error_arrives_in_its_own_words(worker: Worker, error: str) -> None:
    with pytest.raises(DatasetError, match=r"^pick another one$"):
        worker.run(f"raise {error}('pick another one')")


def test_a_process_that_fails_is_told_with_its_last_words_and_what_to_do(worker: Worker) -> None:
    with pytest.raises(
        DatasetError,
        match=r"^Thinking stopped before its end \(ZeroDivisionError: .*\)\. "
        r"If memory ran out, close other programs and think again\.$",
    ):
        worker.run("1 / 0")


@pytest.mark.parametrize("half_a_line", ["", '{"result'])
def test_a_process_that_is_killed_is_told(worker: Worker, half_a_line: str) -> None:
    with pytest.raises(DatasetError, match=r"stopped before its end \(without a word\)"):
        worker.run(
            f"import os; print({half_a_line!r}, end='', flush=True); os.kill(os.getpid(), {int(signal.SIGKILL)})"
        )


class CancelledError(Exception):
    """What the person's wish to stop may look like."""


@pytest.mark.parametrize("ending", ["result", "error", "cancel"])
def test_no_process_stays_behind(worker: Worker, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    def cancel(done: int, total: int) -> None:
        raise CancelledError(done, total)

    started = kept_processes(monkeypatch)
    if ending == "result":
        worker.run("return None")
    elif ending == "error":
        with pytest.raises(DatasetError):
            worker.run("raise OSError('no')")
    else:
        with pytest.raises(CancelledError):
            worker.run("time.sleep(600)", cancel)
    (process,) = started
    assert process.returncode is not None
    assert not Path(f"/proc/{process.pid}").exists()


def test_a_process_that_says_nothing_can_be_stopped(worker: Worker) -> None:
    def cancel(done: int, total: int) -> None:
        reports.append((done, total))
        if len(reports) > 2:
            raise CancelledError(done, total)

    reports: list[tuple[int, int]] = []
    with pytest.raises(CancelledError):
        worker.run("time.sleep(600)", cancel)
    assert reports[-1] in {(0, 0), (1, 2)}


def test_a_process_leaves_with_the_one_that_started_it(worker: Worker) -> None:
    worker.write("time.sleep(600)")
    command = [sys.executable, "-m", "some_work"]
    environment = with_this_package(os.environ)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_the_package_comes_before_what_the_environment_names() -> None:
    environment = with_this_package({"PYTHONPATH": "/elsewhere", "HOME": "/home"})
    ours, _, elsewhere = environment["PYTHONPATH"].partition(os.pathsep)
    assert (Path(ours) / "cocomine").is_dir()
    assert elsewhere == "/elsewhere"
    assert environment["HOME"] == "/home"
