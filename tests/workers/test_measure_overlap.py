"""All masks are measured by a process of its own and the result is kept: by content, whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from overlaps import overlap_from_masks
from records import CAT, CUP, annotation, document, image, write_split
from watching import kept_processes

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError
from cocomine.mining.interference.mask_overlap import OverlapTable
from cocomine.system.subprocesses import with_this_package
from cocomine.workers.measure_overlap import content_key, kept_overlap, measure_overlap


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return open_dataset(write_split(tmp_path / "data", document(), pictures=False))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "overlap"


def nobody(done: int, total: int) -> None:
    del done, total


def measured(dataset: Dataset, folder: Path) -> OverlapTable:
    return measure_overlap(dataset, index=folder.parent / "index", folder=folder, progress=nobody)


def assert_same(first: OverlapTable | None, second: OverlapTable) -> None:
    assert first is not None
    assert (first.names, first.from_masks, first.size_px) == (second.names, second.from_masks, second.size_px)
    assert first.image_count == second.image_count
    np.testing.assert_array_equal(first.overlap, second.overlap)
    np.testing.assert_array_equal(first.contact, second.contact)


def test_another_process_measures_what_this_one_would_and_it_is_kept(dataset: Dataset, folder: Path) -> None:
    here = overlap_from_masks(dataset, nobody)
    assert kept_overlap(dataset, folder) is None
    assert_same(measured(dataset, folder), here)
    assert_same(kept_overlap(dataset, folder), here)
    assert [path.suffix for path in folder.iterdir()] == [".npz"]


def test_it_is_told_how_far_it_is(dataset: Dataset, folder: Path) -> None:
    reports: list[tuple[int, int]] = []
    measure_overlap(dataset, index=folder, folder=folder, progress=lambda done, total: reports.append((done, total)))
    assert reports == sorted(reports)
    assert reports[-1] == (4, 4)


def test_the_same_content_elsewhere_is_known(dataset: Dataset, folder: Path, tmp_path: Path) -> None:
    table = measured(dataset, folder)
    shutil.copy(dataset.path, tmp_path / "copy.json")
    assert_same(kept_overlap(open_dataset(tmp_path / "copy.json"), folder), table)


def test_another_content_is_another_result(dataset: Dataset, folder: Path, tmp_path: Path) -> None:
    measured(dataset, folder)
    other = write_split(tmp_path / "other", document([image(1)], [annotation(1, 1, CAT)]), pictures=False)
    assert kept_overlap(open_dataset(other), folder) is None


def test_each_choice_of_splits_has_its_own_result(folder: Path, tmp_path: Path) -> None:
    for name, record in {"a": annotation(1, 11, CAT), "b": annotation(1, 11, CUP)}.items():
        path = write_split(tmp_path / "two", document(annotations=[record]), split=name, pictures=False)
    both = open_dataset(path.parent.parent)
    alone = both.with_splits(["b"])
    table = measured(alone, folder)
    assert table.image_count == 1
    assert_same(kept_overlap(alone, folder), table)
    assert kept_overlap(both, folder) is None


@pytest.mark.parametrize("damage", ["cut", "empty", "noise", "other classes", "a byte"])
def test_a_damaged_result_is_ignored_and_made_anew(dataset: Dataset, folder: Path, damage: str) -> None:
    table = measured(dataset, folder)
    (path,) = folder.iterdir()
    whole = path.read_bytes()
    if damage == "other classes":
        fewer = replace(dataset, categories=dataset.categories[:1])
        os.replace(path, folder / f"{content_key(fewer)}.npz")
        assert kept_overlap(fewer, folder) is None
    else:
        middle = len(whole) // 4
        flipped = whole[:middle] + bytes([whole[middle] ^ 0xFF]) + whole[middle + 1 :]
        path.write_bytes({"cut": whole[:-30], "empty": b"", "noise": b"PK" + bytes(400), "a byte": flipped}[damage])
        assert kept_overlap(dataset, folder) is None
    assert_same(measured(dataset, folder), table)
    assert_same(kept_overlap(dataset, folder), table)


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "a-file").write_text("")
    table = measure_overlap(dataset, index=tmp_path / "index", folder=tmp_path / "a-file" / "overlap", progress=nobody)
    assert_same(table, overlap_from_masks(dataset, nobody))
    assert kept_overlap(dataset, tmp_path / "a-file" / "overlap") is None


def test_a_file_that_changed_is_told(dataset: Dataset, folder: Path) -> None:
    write_split(dataset.path.parent.parent, document([image(1)], [annotation(1, 1, CAT)]), pictures=False)
    with pytest.raises(DatasetError, match=r"changed since it was opened. Open it again"):
        measured(dataset, folder)
    assert not folder.exists()


def test_a_file_that_is_gone_is_told(dataset: Dataset, folder: Path) -> None:
    dataset.path.unlink()
    with pytest.raises(DatasetError, match="there is no such file"):
        measured(dataset, folder)


class CancelledError(Exception):
    """What the person's wish to stop may look like."""


def test_what_a_report_raises_ends_the_process_and_nothing_is_kept(
    dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(done: int, total: int) -> None:
        raise CancelledError(done, total)

    started = kept_processes(monkeypatch)
    with pytest.raises(CancelledError):
        measure_overlap(dataset, index=folder, folder=folder, progress=refuse)
    (process,) = started
    assert process.returncode is not None
    assert not Path(f"/proc/{process.pid}").exists()
    assert kept_overlap(dataset, folder) is None


def test_a_process_that_was_killed_is_told(dataset: Dataset, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [image(number) for number in range(3000)]  # some tenths of a second
    records = [annotation(number, number, CAT) for number in range(3000)]
    large = open_dataset(write_split(dataset.path.parent.parent, document(many, records), pictures=False))
    started = kept_processes(monkeypatch)

    def kill(done: int, total: int) -> None:
        del done, total
        os.kill(started[0].pid, signal.SIGKILL)

    with pytest.raises(DatasetError, match=r"Measuring the masks stopped before its end .*measure them again"):
        measure_overlap(large, index=folder, folder=folder, progress=kill)


def test_the_process_leaves_with_the_server(tmp_path: Path) -> None:
    fifo = tmp_path / "never-ending.json"
    os.mkfifo(fifo)  # opening it waits for a writer that never comes
    command = [
        sys.executable,
        "-m",
        "cocomine.workers.measure_overlap",
        str(tmp_path),
        "key",
        str(fifo),
        "never-ending",
    ]
    environment = with_this_package(os.environ)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def test_two_at_once_give_one_result(dataset: Dataset, folder: Path) -> None:
    tables: list[OverlapTable] = []
    threads = [threading.Thread(target=lambda: tables.append(measured(dataset, folder))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_same(tables[0], tables[1])
    assert len(list(folder.iterdir())) == 1
