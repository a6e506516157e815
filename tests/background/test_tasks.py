"""A task goes on by itself, is seen by all, pauses, ends, and is never believed to live when it is dead."""

import os
import signal
import time
from pathlib import Path

import msgspec
import pytest
from running_tasks import WaitFor
from works import request

from cocomine.background.launching import KEPT_ENDED_TASKS, forget_task, move_task, start_again, start_task
from cocomine.background.reading import TaskReader, ask_to_cancel, ask_to_go_on, ask_to_pause, line_of, read_result
from cocomine.background.records import RESULT, STATUS, Status, record_bytes
from cocomine.errors import TaskError
from cocomine.system.own_process import is_locked

LONG = 100_000
pytestmark = pytest.mark.slow


def test_a_task_is_done_with_its_result(tasks_folder: Path, wait_for: WaitFor) -> None:
    task = wait_for(start_task(tasks_folder, request("count")))
    assert (task.state, task.status.share, read_result(task.folder)) == ("done", 1.0, {"total": 3})
    assert task.status.phases == ("Counting", "Checking")


def test_a_task_tells_how_far_it_is_and_how_long_it_takes(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=400))
    status = wait_for(folder, lambda task: task.status.left_s is not None).status
    assert status.phases[status.phase or 0] == "Counting"
    assert 0 < status.share < 0.75
    assert 20 < (status.per_s or 0) < 100  # a step takes 10 ms, more on a busy machine
    ask_to_cancel(folder)
    wait_for(folder)


def test_a_cancelled_task_ends_without_a_result(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    wait_for(folder, lambda task: task.status.done > 0)
    ask_to_cancel(folder)
    assert wait_for(folder).state == "cancelled"
    assert not (folder / RESULT).exists()


def test_a_paused_task_stands_still_until_it_is_to_go_on(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    wait_for(folder, lambda task: task.status.done > 0)
    ask_to_pause(folder)
    paused = wait_for(folder, lambda task: task.state == "paused")
    later = wait_for(folder, lambda task: task.status.heartbeat > paused.status.heartbeat)
    assert (later.state, later.status.done) == ("paused", paused.status.done)
    ask_to_go_on(folder)
    wait_for(folder, lambda task: task.state == "running" and task.status.done > paused.status.done)
    ask_to_cancel(folder)
    wait_for(folder)


def test_a_paused_task_can_be_cancelled(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    ask_to_pause(folder)
    wait_for(folder, lambda task: task.state == "paused")
    ask_to_cancel(folder)
    assert wait_for(folder).state == "cancelled"


def test_a_task_that_cannot_do_its_work_says_why(tasks_folder: Path, wait_for: WaitFor) -> None:
    task = wait_for(start_task(tasks_folder, request("fail")))
    assert (task.state, task.sentence) == ("failed", "val.json: is not there. Put it back.")


def test_a_fault_of_ours_is_told_and_stands_in_the_log(tasks_folder: Path, wait_for: WaitFor) -> None:
    task = wait_for(start_task(tasks_folder, request("break")))
    assert task.state == "failed"
    assert task.sentence.startswith("Unexpected: ZeroDivisionError: by nothing. The log has the details")
    assert "Traceback" in (task.folder / "log.txt").read_text()


def test_a_killed_task_is_lost_and_tells_its_last_words(tasks_folder: Path, wait_for: WaitFor) -> None:
    task = wait_for(start_task(tasks_folder, request("die")))
    assert task.state == "lost"
    assert task.sentence == "Test: stopped before its end (these are my last words). Start it again."


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_killed_task_is_lost_although_a_child_of_it_lives_on(tasks_folder: Path, wait_for: WaitFor) -> None:
    note = tasks_folder.with_name("child")
    assert wait_for(start_task(tasks_folder, request("leave a child", path=str(note)))).state == "lost"
    os.kill(int(note.read_text()), signal.SIGKILL)


def test_a_task_that_the_system_ends_says_so(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    pid = wait_for(folder, lambda task: task.status.done > 0).status.pid
    assert pid
    os.kill(pid, signal.SIGTERM)
    task = wait_for(folder)
    assert (task.state, task.sentence) == ("failed", "Test: the system ended it (SIGTERM). Start it again.")


def test_a_suspended_task_is_asleep_and_not_lost(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    pid = wait_for(folder, lambda task: task.status.done > 0).status.pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        task = wait_for(folder, lambda task: task.state == "asleep")
        assert task.is_active
        assert f"its process {pid} is alive but suspended" in task.sentence
        with pytest.raises(TaskError, match="it is at work"):
            start_again(task)
    finally:
        os.kill(pid, signal.SIGCONT)
    ask_to_cancel(folder)
    assert wait_for(folder).state == "cancelled"


def test_tasks_of_a_queue_run_one_after_the_other_in_order(tasks_folder: Path, wait_for: WaitFor) -> None:
    notes = tasks_folder.with_name("notes")
    names = ["first", "second", "third"]
    folders = [start_task(tasks_folder, request("note", queue="q", path=str(notes), name=name)) for name in names]
    for folder in folders:
        assert wait_for(folder).state == "done"
    assert notes.read_text().splitlines() == [f"{word} {name}" for name in names for word in ("begin", "end")]


def test_who_waits_says_for_whom_and_goes_on_when_that_one_is_killed(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = start_task(tasks_folder, request("count", total=LONG, queue="q", title="The first"))
    second = start_task(tasks_folder, request("count", queue="q", title="The second"))
    third = start_task(tasks_folder, request("count", queue="q", title="The third"))
    pid = wait_for(first, lambda task: task.status.done > 0).status.pid
    assert wait_for(third, lambda task: task.status.pid is not None).ahead == ("The first", "The second")
    assert pid
    os.kill(pid, signal.SIGKILL)
    assert (wait_for(first).state, wait_for(second).state, wait_for(third).state) == ("lost", "done", "done")


def test_a_task_outside_the_queue_does_not_wait(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = start_task(tasks_folder, request("count", total=LONG, queue="q"))
    assert wait_for(start_task(tasks_folder, request("count", queue="another"))).state == "done"
    assert wait_for(start_task(tasks_folder, request("count"))).state == "done"
    ask_to_cancel(first)
    wait_for(first)


def test_a_waiting_task_can_be_cancelled(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = start_task(tasks_folder, request("count", total=LONG, queue="q"))
    second = start_task(tasks_folder, request("count", queue="q"))
    ask_to_cancel(second)
    assert wait_for(second).state == "cancelled"
    ask_to_cancel(first)
    assert wait_for(first).state == "cancelled"


def test_two_tasks_do_not_work_on_one_target(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = start_task(tasks_folder, request("count", total=LONG, target="/x", title="The first"))
    with pytest.raises(TaskError, match=r"/x: “The first” is at work on it already \(\d+ %\). Wait for it"):
        start_task(tasks_folder, request("count", target="/x"))
    ask_to_cancel(first)
    wait_for(first)
    assert wait_for(start_task(tasks_folder, request("count", target="/x"))).state == "done"


def test_a_task_started_again_takes_the_place_of_the_old_one(tasks_folder: Path, wait_for: WaitFor) -> None:
    old = wait_for(start_task(tasks_folder, request("die")))
    new = wait_for(start_again(old))
    assert new.number > old.number
    assert not old.folder.exists()


def test_the_last_ended_tasks_are_kept(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = wait_for(start_task(tasks_folder, request("count")))
    for more in range(1, KEPT_ENDED_TASKS + 3):
        _copied(first.folder, tasks_folder / f"test-{first.number + more}")
    (tasks_folder / ".new").mkdir()
    newest = wait_for(start_task(tasks_folder, request("count")))
    numbers = [task.number for task in TaskReader().tasks(tasks_folder)]
    assert len(numbers) == KEPT_ENDED_TASKS + 1
    assert numbers[0] == newest.number > numbers[1] == first.number + KEPT_ENDED_TASKS + 2
    assert not (tasks_folder / ".new").exists()


def test_an_ended_task_can_be_forgotten_and_a_running_one_cannot(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = start_task(tasks_folder, request("count", total=LONG))
    with pytest.raises(TaskError, match="it is at work"):
        forget_task(wait_for(folder, lambda task: task.is_active))
    ask_to_cancel(folder)
    forget_task(wait_for(folder))
    assert not folder.exists()


def test_a_status_of_another_computer_is_judged_by_its_heartbeat(tasks_folder: Path, wait_for: WaitFor) -> None:
    folder = wait_for(start_task(tasks_folder, request("count"))).folder
    wait_for(folder, lambda _: not is_locked(folder))  # its process says its end before it ends
    far = Status(state="running", host="another", pid=1, started=1.0, heartbeat=time.time())
    for heartbeat, state in ((time.time(), "running"), (time.time() - 3600, "lost")):
        (folder / STATUS).write_bytes(record_bytes(msgspec.structs.replace(far, heartbeat=heartbeat)))
        task = TaskReader().task(folder)
        assert task is not None
        assert task.state == state


def test_a_damaged_status_hides_no_other_task(tasks_folder: Path, wait_for: WaitFor) -> None:
    whole, damaged = (wait_for(start_task(tasks_folder, request("count"))).folder for _ in range(2))
    wait_for(damaged, lambda _: not is_locked(damaged))
    (damaged / STATUS).write_text("{")
    (tasks_folder / "test-1").mkdir()
    states = {task.folder: task.state for task in TaskReader().tasks(tasks_folder)}
    assert states == {whole: "done", damaged: "lost"}


def test_reading_the_tasks_of_a_full_folder_is_quick(tasks_folder: Path, wait_for: WaitFor) -> None:
    first = wait_for(start_task(tasks_folder, request("count")))
    for more in range(1, KEPT_ENDED_TASKS):
        _copied(first.folder, tasks_folder / f"test-{first.number + more}")
    reader = TaskReader()
    reader.tasks(tasks_folder)
    took_s = []
    for _ in range(20):
        before = time.perf_counter()
        assert len(reader.tasks(tasks_folder)) == KEPT_ENDED_TASKS
        took_s.append(time.perf_counter() - before)
    assert min(took_s) < 0.002


def _copied(folder: Path, new: Path) -> None:
    new.mkdir()
    for path in folder.iterdir():
        (new / path.name).write_bytes(path.read_bytes())


def test_waiting_tasks_change_places(tasks_folder: Path, wait_for: WaitFor, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    first = start_task(tasks_folder, request("count", total=LONG, queue="q"))
    wait_for(first, lambda task: task.state == "running")
    names = ("b", "c", "d")
    folders = [start_task(tasks_folder, request("note", queue="q", path=str(notes), name=name)) for name in names]
    b, c, d = (wait_for(folder, lambda task: task.status.pid is not None) for folder in folders)
    move_task(d, -1)
    move_task(d, -1)
    move_task(d, -1)  # it is the next one already
    ask_to_pause(b.folder)
    assert [task.folder for task in line_of(TaskReader().tasks(tasks_folder), "q")] == [d.folder, b.folder, c.folder]
    ask_to_cancel(first)
    wait_for(c.folder)
    assert notes.read_text().split() == ["begin", "d", "end", "d", "begin", "c", "end", "c"]  # b lets others pass
    with pytest.raises(TaskError, match="it waits no more"):
        move_task(d, 1)
    ask_to_go_on(b.folder)
    assert wait_for(b.folder).state == "done"
