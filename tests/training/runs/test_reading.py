import errno
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any, BinaryIO

import psutil
import pytest
from run_folders import resume, train_line

from cocomine.errors import TrainingError
from cocomine.system import own_process
from cocomine.system.own_process import is_locked, this_process
from cocomine.training.runs import launching
from cocomine.training.runs.config import config_as_json, preset
from cocomine.training.runs.launching import start_run
from cocomine.training.runs.lock import take_lock
from cocomine.training.runs.reading import SILENT_AFTER_S, list_runs, read_run, request_stop
from cocomine.training.runs.records import encoded_line

NOW = 1_800_000_000.0
MakeRun = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run's folder with this status, here and now, by this very process."""

    def make(name: str = "run", **status: Any) -> Path:
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        here = {"state": "running", "heartbeat": NOW, **this_process()}
        (folder / "config.json").write_text(json.dumps(config_as_json(preset("quick", export="/e"))))
        (folder / "status.json").write_text(json.dumps(here | status))
        return folder

    return make


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_run_is_active_while_its_heart_beats(make_run: MakeRun) -> None:
    run = read_run(make_run(), NOW + SILENT_AFTER_S - 1)
    assert (run.state, run.is_active, run.can_be_resumed) == ("running", True, False)


def test_a_run_that_is_silent_while_its_process_lives_is_asleep_and_cannot_be_resumed(make_run: MakeRun) -> None:
    run = read_run(make_run(), NOW + SILENT_AFTER_S)
    assert (run.state, run.is_active, run.can_be_resumed) == ("asleep", True, False)


def test_a_run_whose_process_is_gone_is_lost_at_once_and_can_be_resumed(make_run: MakeRun) -> None:
    run = read_run(make_run(pid=dead_pid()), NOW)
    assert (run.state, run.is_active, run.can_be_resumed) == ("lost", False, True)


def test_another_process_with_the_number_of_the_old_one_is_not_taken_for_it(make_run: MakeRun) -> None:
    assert read_run(make_run(started=psutil.Process().create_time() - 60), NOW).state == "lost"


def test_a_run_whose_folder_is_locked_has_a_process_whatever_its_status_says(make_run: MakeRun) -> None:
    folder = make_run(pid=dead_pid())
    with take_lock(folder):
        assert read_run(folder, NOW).state == "running"
        assert read_run(folder, NOW + SILENT_AFTER_S).state == "asleep"
        (folder / "status.json").unlink()
        assert read_run(folder, NOW).is_active
    assert read_run(folder, NOW).state == "lost"


def test_a_start_that_came_to_nothing_is_lost_at_once(make_run: MakeRun) -> None:
    folder = make_run(state="starting", pid=None, host=None)
    take_lock(folder).close()
    assert read_run(folder, NOW).state == "lost"


def test_a_process_of_another_machine_is_judged_by_its_heartbeat_alone(make_run: MakeRun) -> None:
    """Also where a process of this one has the same number and start."""
    folder = make_run(host="elsewhere")
    assert read_run(folder, NOW).state == "running"
    assert read_run(folder, NOW + SILENT_AFTER_S).state == "lost"


def test_a_free_lock_says_nothing_of_a_process_of_another_machine(make_run: MakeRun) -> None:
    folder = make_run(host="elsewhere")
    take_lock(folder).close()
    assert read_run(folder, NOW).state == "running"


def test_where_neither_host_nor_lock_is_known_the_heartbeat_decides(make_run: MakeRun) -> None:
    folder = make_run(host=None)
    assert read_run(folder, NOW).state == "running"
    assert read_run(folder, NOW + SILENT_AFTER_S).state == "lost"


@pytest.mark.parametrize("missing", ["pid", "started"])
def test_a_status_that_does_not_name_its_process_whole_names_none(make_run: MakeRun, missing: str) -> None:
    assert read_run(make_run(**{missing: None}), NOW).state == "lost"


@pytest.mark.parametrize("state", ["done", "stopped", "failed"])
def test_a_run_that_ended_stays_ended(make_run: MakeRun, state: str) -> None:
    assert read_run(make_run(state=state), NOW + 1e6).state == state


def test_a_line_that_is_still_being_written_is_left_out(make_run: MakeRun) -> None:
    folder = make_run()
    (folder / "metrics.jsonl").write_text(encoded_line(train_line(1)) + '{"step": 2, "ki')
    run = read_run(folder, NOW)
    assert run.metrics.train == (train_line(1),)
    assert run.problems == ()


def test_samples_come_by_step_and_number(make_run: MakeRun) -> None:
    folder = make_run()
    names = ("step_000025/10.png", "step_000025/2.png", "step_000000/0.png", "step_000025/0.png.part-7")
    for name in (*names, "step_000050/notes.txt", "step_last/0.png"):
        (folder / "samples" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "samples" / name).touch()
    samples = read_run(folder, NOW).samples
    assert [(sample.step, [path.name for path in sample.strips]) for sample in samples] == [
        (0, ["0.png"]),
        (25, ["2.png", "10.png"]),
    ]
    assert not any(sample.predictions for sample in samples)


def test_a_folder_without_settings_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match=r"config\.json: is missing, so this folder is no run"):
        read_run(tmp_path, NOW)


def test_runs_are_listed_newest_first_with_the_damaged_beside_them_and_strangers_left_out(make_run: MakeRun) -> None:
    old, new, torn = make_run("old"), make_run("new"), make_run("torn")
    os.utime(old / "config.json", (1, 1))
    (torn / "config.json").write_text("{}")
    (old.parent / "holiday").mkdir()
    (old.parent / "holiday" / "photo.jpg").touch()
    (old.parent / "config.json").touch()
    runs, damaged = list_runs(old.parent, NOW)
    assert [run.folder for run in runs] == [new, old]
    assert [each.folder for each in damaged] == [torn]
    assert "a setting is missing" in damaged[0].problem
    assert list_runs(old.parent / "nowhere", NOW) == ([], [])


def test_a_folder_of_runs_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(TrainingError, match=r"runs: cannot be opened \(Not a directory\)"):
        list_runs(tmp_path / "runs", NOW)


def test_a_stop_is_asked_for_by_a_file(make_run: MakeRun) -> None:
    folder = make_run()
    request_stop(folder)
    assert (folder / "STOP").is_file()


def test_an_active_run_is_not_started_twice(make_run: MakeRun) -> None:
    with pytest.raises(TrainingError, match="a run is at work there"):
        resume(make_run(heartbeat=4e9))


def test_a_run_whose_process_is_gone_is_started_again(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Path] = []
    monkeypatch.setattr(launching, "start_own_process", lambda _module, folder, _lock: started.append(folder))
    folder = make_run(pid=dead_pid())
    resume(folder)
    assert started == [folder]


def test_a_sleeping_run_gets_no_twin(make_run: MakeRun) -> None:
    with pytest.raises(TrainingError, match=r"is alive but suspended or silent.*Wake it \(kill -CONT\)"):
        resume(make_run(heartbeat=1))


def test_of_two_starts_at_the_same_moment_one_wins(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "LOCK_LIMIT_S", 0.05)
    folder = make_run(state="stopped")
    with take_lock(folder), pytest.raises(TrainingError, match="another process is at work on this run"):
        resume(folder)
    assert read_run(folder, NOW).state == "stopped"


@pytest.mark.slow
def test_two_that_start_a_run_at_once_start_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_process, "LOCK_LIMIT_S", 0.1)  # no process of a run ends that fast
    config = preset("quick", export=tmp_path / "nowhere")
    together = Barrier(2)

    def start(_: int) -> str:
        together.wait()
        try:
            start_run(config, tmp_path / "run")
        except TrainingError as error:
            return str(error)
        return "started"

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(start, range(2)))
    assert said[1] == "started"
    assert "another process is at work on this run" in said[0] or "a run is at work there" in said[0]
    with take_lock_when_free(tmp_path / "run"):
        log = (tmp_path / "run" / "log.txt").read_text()
    assert log.count("failed: ") == 1  # of one process
    assert "Traceback" not in log
    run = read_run(tmp_path / "run", time.time())
    assert (run.state, "nowhere: no complete export" in run.message) == ("failed", True)


def take_lock_when_free(folder: Path) -> BinaryIO:
    """Wait for the end of a run's process."""
    while is_locked(folder):
        time.sleep(0.05)
    return take_lock(folder)


def test_a_file_system_without_locks_is_refused(make_run: MakeRun, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    folder = make_run(state="stopped")
    with pytest.raises(TrainingError, match=r"cannot lock files \(No locks available\).*on a local disk"):
        resume(folder)


def test_a_done_run_is_not_started_again(make_run: MakeRun) -> None:
    with pytest.raises(TrainingError, match="the run there is done"):
        resume(make_run(state="done"))


def test_a_folder_is_not_taken_over_by_other_settings(make_run: MakeRun) -> None:
    with pytest.raises(TrainingError, match="a run with other settings is there"):
        start_run(preset("paper", export="/e"), make_run(state="stopped"))


def test_pages_can_use_these_modules_without_torch() -> None:
    modules = ", ".join(f"cocomine.training.runs.{name}" for name in ("reading", "launching", "speed"))
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[3]).returncode == 0


def test_folders_without_settings_are_told_in_the_order_of_their_own_change(tmp_path: Path) -> None:
    for name, changed in (("a", 3e8), ("b", 1e8), ("c", 2e8)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "status.json").write_text("{}")
        os.utime(tmp_path / name, (changed, changed))
    _, damaged = list_runs(tmp_path, NOW)
    assert [each.folder.name for each in damaged] == ["a", "c", "b"]
