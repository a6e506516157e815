"""A file is read once: the second opening takes its columns from the index, and never a wrong or a broken one."""

import json
import multiprocessing
import os
import shutil
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from datasets import MakeFile
from records import CAT, CUP, annotation, document, image, write_split

from cocomine.coco.dataset import Split
from cocomine.coco.reading import column_cache as index_module
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.column_cache import MOST_ENTRIES, indexed_split, is_indexed
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.reading.stored_columns import ANNOTATION_COLUMNS, HEADER, UnreadableColumns, stored_columns
from cocomine.errors import DatasetError, NotInstancesError

OLD_NS = 1_500_000_000_000_000_000


@pytest.fixture
def source(make_file: MakeFile) -> Path:
    """The four images, written long ago."""
    return aged(make_file(json.dumps(document())))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "workspace" / "index"


def aged(path: Path) -> Path:
    """Let a file look as if nothing wrote to it for long; its ctime is what the test waits for."""
    os.utime(path, ns=(OLD_NS, OLD_NS))
    return path


def entries(index: Path) -> list[Path]:
    return [header.parent for header in index.glob(f"*/{HEADER}")]


def is_mapped(split: Split) -> bool:
    return not split.annotations.ids.flags.writeable


def assert_equal(found: Split, wanted: Split) -> None:
    for name in ("kind", "info", "licences", "licences_json", "category_ids", "category_spans"):
        assert getattr(found, name) == getattr(wanted, name)
    assert list(found.images.file_names) == list(wanted.images.file_names)
    for name in ("ids", "widths", "heights", "licence_ids", "spans", "checked_absent", "not_exhaustive"):
        np.testing.assert_array_equal(getattr(found.images, name), getattr(wanted.images, name))
    for name in ANNOTATION_COLUMNS:
        np.testing.assert_array_equal(getattr(found.annotations, name), getattr(wanted.annotations, name))
    assert found.dropped_ids.keys() == wanted.dropped_ids.keys()
    for code, ids in wanted.dropped_ids.items():
        np.testing.assert_array_equal(found.dropped_ids[code], ids)


def refuse_to_read(*_: object) -> None:
    raise AssertionError("it was read again")


def test_what_the_index_gives_is_what_was_read(source: Path, index: Path) -> None:
    indexed_split(source, index)
    again, categories = indexed_split(source, index)
    assert is_mapped(again)
    assert_equal(again, read_split(source)[0])
    assert categories == read_split(source)[1]
    assert again.source.sha256 == read_split(source)[0].source.sha256


def test_a_second_opening_does_not_read(source: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed_split(source, index)
    monkeypatch.setattr(index_module, "read_split", refuse_to_read)
    indexed_split(source, index)


def test_a_file_that_was_moved_is_not_read_again(source: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    indexed_split(source, index)
    moved = source.rename(source.with_name("moved.json"))
    monkeypatch.setattr(index_module, "read_split", refuse_to_read)
    assert indexed_split(moved, index)[0].source.path == moved


def test_a_file_of_another_content_and_the_same_size_and_time_is_read_again(source: Path, index: Path) -> None:
    indexed_split(source, index)
    text = source.read_text()
    source.write_text(text.replace('"id": 101', '"id": 999'))
    aged(source)
    split, _ = indexed_split(source, index)
    assert 999 in split.annotations.ids


def test_a_file_that_is_still_being_written_is_never_taken_for_settled(make_file: MakeFile, index: Path) -> None:
    path = make_file(json.dumps(document()))
    indexed_split(path, index)
    assert not is_indexed(path, index)


def test_a_file_that_settled_is_indexed(source: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "SETTLED_NS", 0)
    assert not is_indexed(source, index)
    indexed_split(source, index)
    assert is_indexed(source, index)
    os.utime(source)
    assert not is_indexed(source, index)


@pytest.mark.parametrize("damage", ["cut", "gone", "header", "version"])
def test_a_damaged_entry_is_read_again_and_mended(source: Path, index: Path, damage: str) -> None:
    indexed_split(source, index)
    (entry,) = entries(index)
    column = entry / "annotations.ids.npy"
    if damage == "cut":
        column.write_bytes(column.read_bytes()[:-8])
    elif damage == "gone":
        column.unlink()
    elif damage == "header":
        (entry / HEADER).write_bytes(b"{")
    else:
        (entry / HEADER).write_bytes((entry / HEADER).read_bytes().replace(b'"version":1', b'"version":0'))
    for _ in range(2):
        split, _ = indexed_split(source, index)
        assert is_mapped(split)
        assert split.annotations.ids.tolist() == [101, 102, 103, 104, 105, 106]


def test_a_file_of_another_kind_is_refused_without_reading_it_again(
    make_file: MakeFile, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = document([image(1)], [{"id": 1, "image_id": 1, "caption": "a cat"}])
    path = aged(make_file(json.dumps(value)))
    for _ in range(2):
        with pytest.raises(NotInstancesError, match=r"val.json: this file holds captions"):
            indexed_split(path, index)
        monkeypatch.setattr(index_module, "read_split", refuse_to_read)


def test_a_broken_file_leaves_no_entry(make_file: MakeFile, index: Path) -> None:
    path = make_file(json.dumps(document())[:-5])
    with pytest.raises(DatasetError, match="not valid JSON"):
        indexed_split(path, index)
    assert entries(index) == []


def _damages(data: bytes) -> list[bytes]:
    """Return a file's bytes after one accident each."""
    random = np.random.default_rng(len(data))
    places = random.integers(0, max(len(data), 1), size=12).tolist()
    flipped = [data[:place] + bytes([255 - data[place]]) + data[place + 1 :] for place in places if data]
    return [b"", data[:-1], data[: len(data) // 2], b"\0" * len(data), b"\x80\x04", data + b"more", *flipped]


def test_no_damage_to_an_entry_is_believed_or_ends_an_opening(source: Path, index: Path) -> None:
    indexed_split(source, index)
    wanted, _ = read_split(source)
    (entry,) = entries(index)
    for path in sorted(entry.iterdir()):
        sound = path.read_bytes()
        for damaged in _damages(sound):
            path.write_bytes(damaged)
            with suppress(UnreadableColumns):
                found = stored_columns(entry, wanted.source)
                assert not isinstance(found, NotInstancesError)
                split, categories = found
                assert len(list(split.images.file_names)) == len(wanted.images)
                assert len(categories) > split.annotations.category_index.max()
            path.write_bytes(sound)
    assert_equal(indexed_split(source, index)[0], wanted)


@pytest.mark.parametrize("name", ["category_index", "image_index", "spans", "ids"])
def test_a_column_of_another_file_is_not_believed(source: Path, index: Path, name: str) -> None:
    indexed_split(source, index)
    wanted, _ = read_split(source)
    (path,) = index.glob(f"*/annotations.{name}.npy")
    foreign = np.load(path) + 10**9 if name != "ids" else np.load(path).astype(np.float64)
    path.unlink()
    np.save(path, foreign)
    assert_equal(indexed_split(source, index)[0], wanted)


def test_a_file_where_an_entry_belongs_is_no_end(source: Path, index: Path) -> None:
    indexed_split(source, index)
    (folder,) = {header.parent for header in index.glob(f"*/{HEADER}")}
    shutil.rmtree(folder)
    folder.write_text("not ours")
    assert is_mapped(indexed_split(source, index)[0])


def test_an_index_that_cannot_be_written_is_done_without(source: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    split, _ = indexed_split(source, blocked / "index")
    assert_equal(split, read_split(source)[0])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_index_is_done_without(source: Path, index: Path) -> None:
    index.mkdir(parents=True)
    index.chmod(stat.S_IRUSR | stat.S_IXUSR)
    indexed_split(source, index)
    assert entries(index) == []


def test_a_full_disk_leaves_nothing_half_written(source: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(np, "save", full)
        indexed_split(source, index)
    assert list(index.glob("*-*")) == []
    assert is_mapped(indexed_split(source, index)[0])


def test_what_a_killed_process_left_behind_is_removed(source: Path, index: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    left = index / f"1-abc.part-{int(gone.stdout)}-1"
    ours = index / f"1-abc.part-{os.getpid()}-1"
    left.mkdir(parents=True)
    ours.mkdir()
    indexed_split(source, index)
    assert (left.exists(), ours.exists()) == (False, True)


def test_entries_opened_longest_ago_make_room(source: Path, index: Path) -> None:
    for number in range(MOST_ENTRIES + 3):
        entry = index / f"1-{number}"
        entry.mkdir(parents=True)
        (entry / HEADER).write_bytes(b"{}")
        os.utime(entry / HEADER, (number, number))
    indexed_split(source, index)
    left = {entry.name for entry in entries(index)}
    assert len(left) == MOST_ENTRIES
    assert "1-0" not in left
    assert f"1-{MOST_ENTRIES + 2}" in left


def test_a_subset_of_splits_with_other_categories_counts_in_the_joined_list(tmp_path: Path, index: Path) -> None:
    data = tmp_path / "data"
    first = document(categories=[{"id": CUP, "name": "cup"}], annotations=[annotation(1, 11, CUP)])
    second = document(categories=[{"id": CAT, "name": "cat"}, {"id": CUP, "name": "cup"}], annotations=[])
    write_split(data, first, split="a", pictures=False)
    write_split(data, second | {"annotations": [annotation(1, 11, CAT)]}, split="b", pictures=False)
    for _ in range(2):
        dataset = open_dataset(data, index=index)
        assert dataset.category_names == ("cup", "cat")
        assert [split.annotations.category_index.tolist() for split in dataset.splits] == [[0], [1]]


def _open(path: Path, index: Path, results: "multiprocessing.Queue[list[int]]") -> None:
    results.put(indexed_split(path, index)[0].annotations.ids.tolist())


def test_two_processes_at_once_both_open_and_leave_one_entry(source: Path, index: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[list[int]] = context.Queue()
    processes = [context.Process(target=_open, args=(source, index, results)) for _ in range(2)]
    for process in processes:
        process.start()
    found = [results.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    assert found == [[101, 102, 103, 104, 105, 106]] * 2
    assert len(entries(index)) == 1
    assert not list(index.glob("*.part-*"))


KILLED = 20
OPENING = (
    "import sys; from pathlib import Path; from cocomine.coco.reading.column_cache import indexed_split as open_; "
)
OPENING += "print('begins', flush=True); open_(Path(sys.argv[1]), Path(sys.argv[2])); print('done', flush=True)"


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_nothing_that_a_later_opening_trips_over(tmp_path: Path) -> None:
    """Twenty moments, spread over the time that reading and writing take here."""
    records = [annotation(number, number % 500 + 1, CAT) for number in range(40_000)]
    source = tmp_path / "val.json"
    source.write_text(json.dumps(document([image(number + 1) for number in range(500)], records)))
    aged(source)
    wanted = read_split(source)[0]
    took_s = _time_to_index(source, tmp_path / "timed")
    index, moments = tmp_path / "index", []
    for moment in range(KILLED):
        shutil.rmtree(index, ignore_errors=moment == 0)
        index.mkdir()
        moments.append(_kill_after(took_s * moment / (KILLED - 1), source, index))
        split, _ = indexed_split(source, index)
        assert is_mapped(split)
        assert_equal(split, wanted)
        assert len(entries(index)) == 1
        assert not list(index.glob("*.part-*"))
    assert any(moments), "no process was killed before it was done"


def _started(source: Path, index: Path) -> "subprocess.Popen[str]":
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", OPENING, str(source), str(index)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def _time_to_index(source: Path, index: Path) -> float:
    process = _started(source, index)
    began_s = time.perf_counter()
    assert process.wait(60) == 0
    assert process.stdout is not None
    process.stdout.close()
    return time.perf_counter() - began_s


def _kill_after(seconds: float, source: Path, index: Path) -> bool:
    """Return whether the process was killed before it was done."""
    process = _started(source, index)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    process.wait(60)
    assert process.stdout is not None
    said = process.stdout.read()
    process.stdout.close()
    return "done" not in said
