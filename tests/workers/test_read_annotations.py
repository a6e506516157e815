"""Another process reads files into the index: its progress and its errors arrive, and it never stays behind."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from records import CAT, annotation, document, image
from watching import kept_processes

from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.stored_columns import HEADER
from cocomine.errors import DatasetError
from cocomine.system.subprocesses import with_this_package
from cocomine.workers.read_annotations import index_files

SLOW_TO_READ = 24 << 20
"""Bytes of a file of which several reports come before its end."""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The processes that the test started."""
    return kept_processes(monkeypatch)


def written(path: Path, text: str | None = None) -> Path:
    path.write_text(json.dumps(document()) if text is None else text)
    return path


def large(path: Path, count: int = 1) -> list[Path]:
    """Write files, each of its own content, whose reading is reported more than once."""
    record = json.dumps(annotation(1, 1, CAT, note="x" * 4000))
    records = ",".join([record] * (SLOW_TO_READ // len(record)))
    texts = [json.dumps(document([image(number)], [])) for number in range(1, count + 1)]
    texts = [text.replace('"annotations": []', f'"annotations": [{records}]') for text in texts]
    return [written(path.with_stem(f"{path.stem}{number}"), text) for number, text in enumerate(texts)]


def nobody(done: int, total: int) -> None:
    del done, total


def entry_count(index: Path) -> int:
    return len(list(index.glob(f"*/{HEADER}")))


def test_all_files_are_put_into_the_index(tmp_path: Path, index: Path) -> None:
    second = json.dumps(document([image(1)], []))
    index_files([written(tmp_path / "a.json"), written(tmp_path / "b.json", second)], index, nobody)
    assert entry_count(index) == 2


def test_the_progress_rises_to_the_size_of_all_files(tmp_path: Path, index: Path) -> None:
    files = large(tmp_path / "large.json", count=2)
    reports: list[tuple[int, int]] = []
    index_files(files, index, lambda done, total: reports.append((done, total)))
    total = sum(file.stat().st_size for file in files)
    told = [(done, of) for done, of in dict.fromkeys(reports) if of]  # repeated in silence, and 0 of 0 before
    done = [each for each, _ in told]
    assert {each for _, each in told} == {total}
    assert len(done) > 2
    assert done == sorted(set(done))
    assert files[0].stat().st_size < done[-1] <= total


@pytest.mark.parametrize("text", [json.dumps(document())[:-9], "", '{"images": [{"id": 1}]}', '{"images": 5}'])
def test_an_error_has_the_words_that_it_has_in_this_process(tmp_path: Path, index: Path, text: str) -> None:
    path = written(tmp_path / "brökén.json", text)
    with pytest.raises(DatasetError) as here:
        read_split(path)
    with pytest.raises(DatasetError) as there:
        index_files([path], index, nobody)
    assert str(there.value) == str(here.value)


def test_a_missing_file_has_the_words_that_it_has_in_this_process(tmp_path: Path, index: Path) -> None:
    with pytest.raises(DatasetError, match=r"none.json: the file cannot be read \(No such file.*Check the path"):
        index_files([tmp_path / "none.json"], index, nobody)


def test_what_holds_no_instances_is_passed_over(tmp_path: Path, index: Path) -> None:
    captions = json.dumps(document([image(1)], [{"id": 1, "image_id": 1, "caption": "a cat"}]))
    index_files([written(tmp_path / "captions.json", captions), written(tmp_path / "val.json")], index, nobody)
    assert entry_count(index) == 2  # of the first, why it is refused


def test_no_files_are_done_at_once(index: Path) -> None:
    index_files([], index, nobody)
    assert not index.exists()


class CancelledError(Exception):
    """What the person's wish to stop may look like."""


def refuse(done: int, total: int) -> None:
    raise CancelledError(done, total)


def test_what_a_report_raises_ends_the_process(
    tmp_path: Path, index: Path, processes: list["subprocess.Popen[bytes]"]
) -> None:
    with pytest.raises(CancelledError):
        index_files(large(tmp_path / "large.json"), index, refuse)
    (process,) = processes
    assert process.returncode == -signal.SIGKILL
    assert entry_count(index) == 0


@pytest.mark.parametrize("text", [None, "{"])
def test_no_process_stays_behind(
    tmp_path: Path, index: Path, processes: list["subprocess.Popen[bytes]"], text: str | None
) -> None:
    path = written(tmp_path / "val.json", text)
    try:
        index_files([path], index, nobody)
    except DatasetError:
        assert text is not None
    (process,) = processes
    assert process.returncode is not None
    assert not Path(f"/proc/{process.pid}").exists()


def test_a_process_that_was_killed_is_told_with_what_to_do(
    tmp_path: Path, index: Path, processes: list["subprocess.Popen[bytes]"]
) -> None:
    def kill(done: int, total: int) -> None:
        del done, total
        os.kill(processes[0].pid, signal.SIGKILL)

    with pytest.raises(DatasetError, match=r"Reading stopped before its end .*If memory ran out, close other programs"):
        index_files(large(tmp_path / "large.json", count=3), index, kill)


def test_a_process_that_fails_is_told_with_its_last_words(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "cocomine.system.subprocesses.with_this_package", lambda _: {"PYTHONPATH": str(tmp_path / "nowhere")}
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError, match=r"stopped before its end \(.*No module named 'cocomine'\)"):
        index_files([written(tmp_path / "val.json")], index, nobody)


def test_the_process_leaves_with_the_server(tmp_path: Path, index: Path) -> None:
    fifo = tmp_path / "never-ending.json"
    os.mkfifo(fifo)  # opening it waits for a writer that never comes
    command = [sys.executable, "-m", "cocomine.workers.read_annotations", str(index), str(fifo)]
    environment = with_this_package(os.environ)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0
        assert process.stdout is not None
        assert process.stdout.read() == b""
