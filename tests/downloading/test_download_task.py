"""A download is a task: it goes on by itself, pauses, ends, and is continued by what its request says."""

import os
import signal
import threading
from pathlib import Path

import pytest
from bad_server import BadServer, status, throttled
from download_bench import Bench, jpeg
from records import FOUR_IMAGES, HEIGHT, WIDTH, document, write_split
from running_tasks import WaitFor, tasks_folder, wait_for

from cocomine.background.launching import start_again, start_task
from cocomine.background.reading import ask_to_cancel, ask_to_go_on, ask_to_pause, read_result
from cocomine.background.records import Request
from cocomine.coco.size import Size
from cocomine.downloading import task as download_task
from cocomine.downloading.task import DownloadRequest, SplitPlace, report_of, request_of
from cocomine.mining.selection.selection import Selection
from cocomine.mining.selection.serialisation import selection_value

__all__ = ["tasks_folder", "wait_for"]
pytestmark = pytest.mark.slow


@pytest.fixture
def server(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BadServer:
    """Has the four images, whose annotations are in `tmp_path / "data"`."""
    monkeypatch.setenv("COCOMINE_HOME", str(tmp_path / "home"))
    images = [record | {"coco_url": bench.server.url(f"/{record['file_name']}")} for record in FOUR_IMAGES]
    write_split(tmp_path / "data", document(images), pictures=False)
    for number, record in enumerate(FOUR_IMAGES):
        bench.server.files[f"/{record['file_name']}"] = jpeg(number, Size(height=HEIGHT, width=WIDTH))
    return bench.server


def request(tmp_path: Path, server: BadServer, **more: object) -> DownloadRequest:
    place = SplitPlace(name="all2017", folder=str(tmp_path / "data" / "all2017"))
    hosts = (server.authority,)
    return DownloadRequest(
        dataset=str(tmp_path / "data"),
        splits=(place,),
        **({"hosts": hosts, "plain_hosts": hosts} | more),  # type: ignore[arg-type]
    )


def as_task(wanted: DownloadRequest, work: str = "local_download") -> Request:
    return Request(kind=download_task.KIND, title="Download", work=work, arguments=wanted.arguments())


def names(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "data" / "all2017").glob("*"))


def test_a_request_is_read_back_as_it_was(tmp_path: Path, bench: Bench) -> None:
    selection = selection_value(Selection(classes=("cat",)))
    wanted = request(tmp_path, bench.server, selection=selection, excluded=(("all2017", 11),))
    assert request_of(wanted.arguments()) == wanted


def test_all_images_of_a_dataset_come(tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path) -> None:
    task = wait_for(start_task(tasks_folder, as_task(request(tmp_path, server))))
    assert task.state == "done", task.sentence
    report = report_of(read_result(task.folder) or {})
    assert (report.fetched, report.is_complete) == (4, True)
    assert task.status.bytes_done == report.received_bytes == sum(map(len, server.files.values()))
    assert (task.status.done, task.status.total) == (4, 4)
    assert names(tmp_path) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def test_only_what_is_selected_and_not_excluded_comes(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    selection = selection_value(Selection(classes=("cat",)))
    wanted = request(tmp_path, server, selection=selection, excluded=(("all2017", 11),))
    assert wait_for(start_task(tasks_folder, as_task(wanted))).state == "done"
    assert names(tmp_path) == ["b.jpg"]


def test_the_work_of_the_house_never_reaches_this_computer(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    """Whatever the environment says, and whatever the person allowed."""
    local = f"127.0.0.1:{server.port}"
    images = [record | {"coco_url": f"http://{local}/{record['file_name']}"} for record in FOUR_IMAGES]
    write_split(tmp_path / "data", document(images), pictures=False)
    wanted = request(tmp_path, server, hosts=(local,), plain_hosts=(local,))
    task = wait_for(start_task(tasks_folder, as_task(wanted, work=download_task.__name__)))
    report = report_of(read_result(task.folder) or {})
    assert (task.state, report.fetched, len(report.failures)) == ("done", 0, 4)
    assert "not an address on the public internet" in report.failures[0].reason
    assert not server.requests


def test_what_did_not_come_is_told_and_the_same_request_fetches_it(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    server.faults["/b.jpg"] = [status(404)]
    task = wait_for(start_task(tasks_folder, as_task(request(tmp_path, server))))
    report = report_of(read_result(task.folder) or {})
    assert (report.fetched, [each.name for each in report.failures]) == (3, ["b.jpg"])
    again = wait_for(start_again(task))
    assert report_of(read_result(again.folder) or {}).fetched == 1
    assert len(server.requests) == 5


def test_a_paused_download_goes_on_where_it_was(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    go_on = threading.Event()
    server.faults["/b.jpg"] = [throttled(100, go_on)]
    folder = start_task(tasks_folder, as_task(request(tmp_path, server)))
    wait_for(folder, lambda task: task.status.done == 3)
    ask_to_pause(folder)
    wait_for(folder, lambda task: task.state == "paused")
    go_on.set()
    ask_to_go_on(folder)
    assert wait_for(folder).state == "done"
    assert len(server.requests) == 4


def test_a_cancelled_download_keeps_what_came_and_is_continued(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    go_on = threading.Event()
    server.faults["/b.jpg"] = [throttled(100, go_on)]
    folder = start_task(tasks_folder, as_task(request(tmp_path, server)))
    wait_for(folder, lambda task: task.status.done == 3)
    ask_to_cancel(folder)
    task = wait_for(folder)
    go_on.set()
    assert (task.state, names(tmp_path)) == ("cancelled", ["a.jpg", "c.jpg", "d.jpg"])
    assert report_of(read_result(wait_for(start_again(task)).folder) or {}).fetched == 1


def test_a_killed_download_is_lost_and_continued(
    tasks_folder: Path, wait_for: WaitFor, server: BadServer, tmp_path: Path
) -> None:
    go_on = threading.Event()
    server.faults["/b.jpg"] = [throttled(100, go_on)]
    folder = start_task(tasks_folder, as_task(request(tmp_path, server)))
    os.kill(wait_for(folder, lambda task: task.status.done == 3).status.pid or 0, signal.SIGKILL)
    lost = wait_for(folder)
    go_on.set()
    assert lost.state == "lost"
    assert wait_for(start_again(lost)).state == "done"
    assert names(tmp_path) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
