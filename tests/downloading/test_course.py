"""A download is steered while it goes on, takes little memory, and leaves nothing half done however it ends."""

import os
import signal
import subprocess
import sys
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
from bad_server import throttled
from disks import small_disk
from download_bench import Bench
from places import REPOSITORY

from cocomine.downloading.image_store import ImageStore
from cocomine.downloading.report import Watch
from cocomine.errors import StorageError
from cocomine.system.jobs import Job, JobCancelled, Progress

WAIT_S = 20.0
CHILD = """
import sys
sys.path[:0] = {paths!r}
from pathlib import Path
from bad_server import BadServer
from download_bench import Bench
from cocomine.downloading.image_store import ImageStore
bench = Bench(server=BadServer(port={port}), folder=Path({folder!r}), store=ImageStore(Path({store!r})))
print("begun", flush=True)
report = bench.download(bench.plan(*{names!r}))
print("ended", report.fetched, flush=True)
"""


def test_progress_ends_with_all_images_and_bytes_are_told(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(20)]
    bench.add(*names)
    told, received = list[tuple[int, int]](), list[int]()
    watch = Watch(images=lambda *each: told.append(each), received=received.append)
    bench.download(bench.plan(*names), watch=watch)
    assert told[-1] == (20, 20)
    assert sorted(told) == told
    assert max(received) == sum(map(len, bench.server.files.values()))


def test_failures_are_told_as_they_come(bench: Bench) -> None:
    bench.add("a.jpg")
    failed = list[int]()
    bench.download(bench.plan("a.jpg", "b.jpg", "c.jpg"), watch=Watch(failed=failed.append))
    assert sorted(failed) == [1, 2]


def test_a_job_of_the_house_is_cancelled_and_what_came_stays(bench: Bench) -> None:
    go_on = threading.Event()
    bench.add("a.jpg", "b.jpg")
    bench.server.faults["/b.jpg"] = [throttled(4000, go_on)]
    begun = threading.Event()

    def work(progress: Progress) -> object:
        def told(done: int, total: int) -> None:
            progress(done, total)
            if done == 1:
                begun.set()

        return bench.download(bench.plan("a.jpg", "b.jpg"), watch=Watch(images=told))

    job = Job(work)
    assert begun.wait(WAIT_S)
    job.cancel()
    threading.Timer(0.5, go_on.set).start()
    assert job.wait(WAIT_S)
    assert job.state == "cancelled"
    assert bench.places() == {"a.jpg"}
    assert set(bench.kept_names()) <= {"", ".part", ".part.json"}
    assert bench.download(bench.plan("a.jpg", "b.jpg")).fetched == 1
    assert bench.is_right("b.jpg")


class Gate:
    """Holds whoever passes, until it is open."""

    def __init__(self) -> None:
        self.opened = threading.Event()

    def watch(self) -> Watch:
        return Watch(images=lambda *_: self.wait(), received=lambda _: self.wait())

    def wait(self) -> None:
        assert self.opened.wait(WAIT_S)


def test_a_paused_download_stands_still_and_goes_on(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(60)]
    bench.add(*names)
    gate, reports = Gate(), list[object]()
    plan, watch = bench.plan(*names), gate.watch()
    thread = threading.Thread(target=lambda: reports.append(bench.download(plan, watch=watch)))
    thread.start()
    time.sleep(0.3)
    assert (bench.places(), bench.server.requests) == (set(), [])
    gate.opened.set()
    thread.join(WAIT_S)
    assert len(bench.places()) == 60
    assert len(reports) == 1


def test_images_that_were_kept_wait_as_well_while_it_is_paused(bench: Bench) -> None:
    bench.add("a.jpg")
    bench.download(bench.plan("a.jpg"))
    bench.folder, gate = bench.folder.with_name("others"), Gate()
    thread = threading.Thread(target=bench.download, args=(bench.plan("a.jpg"),), kwargs={"watch": gate.watch()})
    thread.start()
    time.sleep(0.2)
    assert bench.places() == set()
    gate.opened.set()
    thread.join(WAIT_S)
    assert bench.places() == {"a.jpg"}


def test_a_pause_in_the_middle_of_a_file_takes_nothing_from_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocomine.downloading.transfer.SLOW_START_S", 0.05)
    monkeypatch.setattr("cocomine.downloading.transfer.SLOWEST_BYTES_PER_S", 100_000)
    gate, at_middle = Gate(), threading.Event()
    bench.add("a.jpg")

    def received(size_bytes: int) -> None:
        if size_bytes:
            at_middle.set()
            gate.wait()

    thread = threading.Thread(
        target=bench.download, args=(bench.plan("a.jpg"),), kwargs={"watch": Watch(received=received)}
    )
    thread.start()
    assert at_middle.wait(WAIT_S)
    time.sleep(0.3)  # the server is not called slow for it
    assert bench.places() == set()
    gate.opened.set()
    thread.join(WAIT_S)
    assert bench.is_right("a.jpg")
    assert len(bench.server.requests) == 1


@pytest.mark.parametrize("call", ["images", "received"])
def test_who_is_told_may_end_a_download(bench: Bench, call: str) -> None:
    def end(*_: int) -> None:
        raise JobCancelled

    bench.add("a.jpg")
    with pytest.raises(JobCancelled):
        bench.download(bench.plan("a.jpg"), watch=Watch(**{call: end}))
    assert bench.places() == set()


@pytest.mark.slow
def test_memory_does_not_grow_with_what_comes(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(200)]
    bench.add(*names)
    plan = bench.plan(*names)
    tracemalloc.start()
    try:
        bench.download(plan)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(bench.places()) == 200
    assert peak < 8 << 20  # the server's side of 16 connections included


def test_a_full_disk_ends_the_download_and_is_told_once(bench: Bench, tmp_path: Path) -> None:
    names = [f"{number}.jpg" for number in range(60)]
    bench.add(*names)
    with small_disk(tmp_path / "small", "256k") as folder:
        bench.store = ImageStore(folder / "store")
        plan = bench.plan(*names)
        with pytest.raises(StorageError, match=r"store.*(is full|are missing)"):
            bench.download(plan)
        whole = [path for path in bench.store.folder.rglob("*") if path.is_file() and not path.suffix]
        assert all(path.read_bytes() in bench.server.files.values() for path in whole)


def test_what_there_is_no_room_for_is_not_begun(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocomine.system.space.free_bytes", lambda _: 10)
    bench.add("a.jpg")
    with pytest.raises(StorageError, match="The download needs about"):
        bench.download(bench.plan("a.jpg"))
    assert not bench.server.requests


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_parts_alone_and_the_rest_is_fetched_next(bench: Bench) -> None:
    names = [f"{number}.jpg" for number in range(150)]
    bench.add(*names)
    for moment in range(6):
        _kill_a_download(bench, names, after_requests=len(bench.server.requests) + 3 + 7 * moment)
        assert all(map(bench.is_right, bench.places()))
        whole = [path for path in bench.store.folder.rglob("*") if path.is_file() and not path.suffix]
        assert all(path.read_bytes() in bench.server.files.values() for path in whole)
    there, before = len(bench.places()), len(bench.server.requests)
    assert 0 < there < 150
    report = bench.download(bench.plan(*names))
    assert (report.there, report.failures) == (there, ())
    assert len(bench.server.requests) - before <= report.fetched  # a part may be whole
    assert all(map(bench.is_right, names))
    assert set(bench.kept_names()) <= {"", ".lock"}


def _kill_a_download(bench: Bench, names: list[str], *, after_requests: int) -> None:
    """Begin a download in a process of its own, and kill it once the server was asked so often."""
    paths = [str(REPOSITORY / "tests" / "support"), str(REPOSITORY)]
    code = CHILD.format(
        paths=paths, port=bench.server.port, folder=str(bench.folder), store=str(bench.store.folder), names=names
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, env=dict(os.environ)) as process:
        deadline_s = time.monotonic() + WAIT_S
        while len(bench.server.requests) < after_requests and process.poll() is None and time.monotonic() < deadline_s:
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
