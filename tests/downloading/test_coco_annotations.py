"""COCO's annotations come whole, as they are known, and an archive decides neither where nor how much is written."""

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from bad_server import BadServer, dropped_after, sent, status
from download_bench import Bench

from cocomine.background.reporting import Report
from cocomine.downloading.coco_annotations import TRAINVAL_2017, Archive, bring_annotations, is_unpacked
from cocomine.errors import DownloadError, StorageError
from cocomine.system.jobs import JobCancelled

NAME = "annotations/instances_val2017.json"
CONTENT = b'{"images": []}' * 100_000
PATH = "/annotations.zip"


def zipped(**files: bytes) -> bytes:
    """An archive with these files; `__` in a name is a slash, and `UP` the folder above."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as writing:
        for name, content in files.items():
            writing.writestr(name.replace("__", "/").replace("UP", "..") + ".json", content)
    return target.getvalue()


GOOD = zipped(annotations__instances_val2017=CONTENT, UP__UP__evil=b"evil", annotations__captions=b"{}")


def known(server: BadServer, data: bytes, size_bytes: int = len(CONTENT)) -> Archive:
    """Let the server have an archive, which is known."""
    server.files[PATH] = data
    sha256 = hashlib.sha256(data).hexdigest()
    return Archive(url=server.url(PATH), size_bytes=len(data), sha256=sha256, members={NAME: size_bytes})


def bring(bench: Bench, archive: Archive, folder: Path) -> None:
    task = folder.with_name("task")
    task.mkdir(exist_ok=True)
    bring_annotations(folder, archive, bench.conditions(), Report(task))


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_files_with_objects_come_and_nothing_else(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD)
    assert not is_unpacked(tmp_path / "coco", archive)
    bring(bench, archive, tmp_path / "coco")
    assert files(tmp_path / "coco") == [NAME]
    assert (tmp_path / "coco" / NAME).read_bytes() == CONTENT
    assert is_unpacked(tmp_path / "coco", archive)
    assert not list(tmp_path.rglob("evil*"))


def test_what_had_come_is_not_fetched_again(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD)
    bench.server.faults[PATH] = [dropped_after(500), status(503)]
    bring(bench, archive, tmp_path / "coco")
    assert [request.sent_bytes for request in bench.server.requests] == [500, 0, len(GOOD) - 500]


def test_another_archive_is_refused_and_not_unpacked(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD)
    other = zipped(annotations__instances_val2017=CONTENT[::-1], a=b"")
    bench.server.faults[PATH] = [sent(other[: len(GOOD)])]
    with pytest.raises(DownloadError, match=r"annotations\.zip: what came is not the archive that is known"):
        bring(bench, archive, tmp_path / "coco")
    assert files(tmp_path / "coco") == []


def test_a_larger_archive_is_cut(bench: Bench, tmp_path: Path) -> None:
    archive = replace(known(bench.server, GOOD), size_bytes=1000)
    with pytest.raises(DownloadError, match="larger than 1 kB"):
        bring(bench, archive, tmp_path / "coco")


def test_what_unpacks_to_more_than_is_known_is_cut(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD, size_bytes=5000)
    with pytest.raises(DownloadError, match=r"does not have the 5,000 bytes that are known"):
        bring(bench, archive, tmp_path / "coco")
    assert NAME not in files(tmp_path / "coco")


def test_an_archive_without_the_file_is_told(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match=r"cannot be unpacked .*instances_val2017\.json"):
        bring(bench, known(bench.server, zipped(a=b"")), tmp_path / "coco")


def test_what_is_no_archive_is_told(bench: Bench, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="cannot be unpacked"):
        bring(bench, known(bench.server, b"no archive"), tmp_path / "coco")


def test_a_host_that_does_not_answer_is_told(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD)
    bench.server.faults[PATH] = [status(404)]
    with pytest.raises(DownloadError, match=r"answers 404 Not Found\. Try again later"):
        bring(bench, archive, tmp_path / "coco")


def test_what_there_is_no_room_for_is_not_begun(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocomine.system.space.free_bytes", lambda _: 10)
    with pytest.raises(StorageError, match=r"The download needs about 1\.4 MB"):
        bring(bench, known(bench.server, GOOD), tmp_path / "coco")
    assert not bench.server.requests


def test_a_cancelled_task_ends_it_and_the_part_stays(bench: Bench, tmp_path: Path) -> None:
    archive = known(bench.server, GOOD)
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "CANCEL").touch()
    with pytest.raises(JobCancelled):
        bring(bench, archive, tmp_path / "coco")
    assert not is_unpacked(tmp_path / "coco", archive)


def test_the_archive_of_coco_is_asked_for_at_cocos_host_over_https() -> None:
    assert (
        TRAINVAL_2017.url == "https://s3.amazonaws.com/images.cocodataset.org/annotations/annotations_trainval2017.zip"
    )
    assert TRAINVAL_2017.unpacked_bytes == 489_773_314
