"""Several processes read one file: what is found is the same for any number of them, and none stays behind."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import pytest
from datasets import MakeFile
from mutations import built_document, mutated
from records import CAT, Record, annotation, document, image
from value_mutations import revalued
from watching import kept_processes, workers_of

from cocomine.coco.reading import json_blocks, read_ahead
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.column_cache import indexed_split
from cocomine.coco.reading.read_ahead import LEAST_BYTES, MOST_PROCESSES, Piece, sha256_if_same, stretch_in
from cocomine.coco.reading.stored_columns import store_columns
from cocomine.errors import DatasetError
from cocomine.system.cores import usable_cores
from cocomine.system.files import stamp_of
from cocomine.system.jobs import JobCancelled
from cocomine.system.worker_pool import WorkerPool
from cocomine.workers.read_annotations import index_files

SEEDS = 40
IMAGE_COUNT = 12
"""Of a document of 9 kB."""
NESTED = [{"id": 9, "image_id": 1, "category_id": CAT}, {"id": 8, "image_id": 1, "category_id": CAT}]
"""What looks like annotations inside of one."""
HUGE_NUMBERS = ("-0", "-0.0", "1e999", "1E1", "9" * 400, "null", "[]", "1.0", "-9223372036854775808")
Alone = Callable[[int], None]


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small files are read ahead as well, in many pieces."""
    for name, value in {"LEAST_BYTES": 1, "PIECE_BYTES": 1500, "FIRST_CUT": 100, "SEARCHED_BYTES": 800}.items():
        monkeypatch.setattr(read_ahead, name, value)


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """How many there are."""
    return lambda count: monkeypatch.setattr(read_ahead, "usable_cores", lambda: count)


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list["subprocess.Popen[bytes]"]:
    """The processes that the test started."""
    return kept_processes(monkeypatch)


@pytest.fixture
def everywhere(monkeypatch: pytest.MonkeyPatch, small_pieces: None) -> Alone:
    """Reading ahead in this process, from each `{` on, with blocks of so many bytes."""
    del small_pieces
    monkeypatch.setattr(read_ahead, "usable_cores", lambda: 2)
    monkeypatch.setattr(read_ahead, "WorkerPool", lambda _, lost, **_options: WorkerPool(1, lost=lost))
    monkeypatch.setattr(read_ahead, "_borders", _braces)
    return lambda block_bytes: monkeypatch.setattr(json_blocks, "BLOCK_BYTES", block_bytes)


def _braces(file: Any, size: int) -> list[int]:
    file.seek(0)
    return [position for position, character in enumerate(file.read(size)) if character == ord("{")]


def told(path: Path, folder: Path) -> dict[str, bytes] | str:
    """Return every byte that an index would keep of a file, or why it is refused."""
    try:
        found = read_split(path)
    except DatasetError as error:
        return f"{type(error).__name__}: {error}"
    folder.mkdir(parents=True)
    store_columns(folder, found[0].source, found)
    return {kept.name: kept.read_bytes() for kept in folder.iterdir()}


def with_numbers(value: Record, numbers: Sequence[str]) -> bytes:
    """Return a document where each of some numbers, as it is written, is in a box and an area."""
    odd = [annotation(90 + index, 1, CAT, bbox=[0, text, 4, 4], area=text) for index, text in enumerate(numbers)]
    text = json.dumps(value | {"annotations": [*value["annotations"], *odd, *value["annotations"]]})
    quoted = "|".join(f'"{re.escape(number)}"' for number in numbers)
    return re.sub(quoted, lambda found: found[0].strip('"'), text).encode()


def odd_documents() -> Iterator[bytes]:
    records = [annotation(number, 1, CAT, note="}, {" * 9, parts=NESTED) for number in range(20)]
    value = document([image(1), image(2)], records)
    yield json.dumps(value).encode()
    yield json.dumps(value | {"videos": value["annotations"]}).encode()
    yield json.dumps({"videos": value["annotations"], **value}, indent=1).encode()
    yield json.dumps(dict(reversed(value.items()))).encode()
    yield json.dumps(value).replace(f'"category_id": {CAT}', f'"category_id": {CAT}.0', 5).encode()
    yield json.dumps(
        value | {"annotations": [{"id": number, "image_id": 1, "caption": "}, {"} for number in range(90)]}
    ).encode()
    yield from (with_numbers(value, numbers) for numbers in (HUGE_NUMBERS, ("-0", "9" * 400)))
    both = [record | {"width": 5, "height": 5, "file_name": f"{record['id']}.jpg"} for record in records]
    yield json.dumps(value | {"annotations": both, "images": [*both, image(1000)]}).encode()
    lvis = [image(number, neg_category_ids=[CAT, 99], not_exhaustive_category_ids=[CAT]) for number in range(50)]
    yield json.dumps(value | {"images": lvis}).encode()
    codes = [annotation(number, 1, CAT, segmentation={"size": [1, number], "counts": [number]}) for number in range(50)]
    yield json.dumps(value | {"annotations": codes}).encode()


def broken_documents() -> Iterator[bytes]:
    whole = built_document(IMAGE_COUNT)
    for seed in range(SEEDS):
        yield (mutated if seed % 2 else revalued)(whole, seed)


@pytest.mark.slow
@pytest.mark.parametrize("documents", [odd_documents, broken_documents])
def test_where_pieces_begin_changes_no_byte_and_no_word(
    tmp_path: Path, everywhere: Alone, monkeypatch: pytest.MonkeyPatch, documents: Callable[[], Iterator[bytes]]
) -> None:
    monkeypatch.setattr(os, "fsync", lambda _: None)
    refused = 0
    for number, data in enumerate(documents()):
        path = tmp_path / "val.json"
        path.write_bytes(data)
        everywhere(1 << 16)
        with monkeypatch.context() as serially:
            serially.setattr(read_ahead, "LEAST_BYTES", 1 << 40)
            expected = told(path, tmp_path / f"{number}")
        for block_bytes in (700, 1 << 16):
            everywhere(block_bytes)
            assert told(path, tmp_path / f"{number} of {block_bytes}") == expected
        refused += isinstance(expected, str)
    assert 0 < refused < number


def test_of_two_flaws_the_same_is_told_wherever_others_began(
    make_file: MakeFile, everywhere: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps(document([image(number) for number in range(30)], []))
    path = make_file(text.replace(', "width"', ', "breadth"', 1).replace('"id": 20,', '"id": 20'))
    everywhere(1 << 16)
    with pytest.raises(DatasetError) as told_ahead:
        read_split(path)
    monkeypatch.setattr(read_ahead, "LEAST_BYTES", 1 << 40)
    with pytest.raises(DatasetError, match="not valid JSON") as told_alone:
        read_split(path)
    assert str(told_ahead.value) == str(told_alone.value)


@pytest.mark.slow
def test_the_index_is_the_same_for_any_number_of_processes(
    tmp_path: Path, small_pieces: None, cores: Callable[[int], None]
) -> None:
    del small_pieces
    path = tmp_path / "val.json"
    path.write_bytes(built_document(IMAGE_COUNT))
    kept = []
    for count in (1, 2, 4):
        cores(count)
        indexed_split(path, tmp_path / f"{count}")
        kept.append({each.name: each.read_bytes() for each in (tmp_path / f"{count}").glob("*-*/*")})
    assert len(kept[0]) > 20  # columns
    assert kept[0].items() == kept[1].items() == kept[2].items()


def test_progress_rises_to_the_size(make_file: MakeFile, small_pieces: None, everywhere: Alone) -> None:
    del small_pieces, everywhere
    path = make_file(built_document(IMAGE_COUNT).decode())
    reports: list[tuple[int, int]] = []
    read_split(path, lambda done, total: reports.append((done, total)))
    size = path.stat().st_size
    assert reports == sorted(reports)
    assert {total for _, total in reports} == {size}
    assert len({done for done, _ in reports}) > 20


def test_a_process_that_was_killed_is_told_and_leaves_nothing(
    tmp_path: Path,
    small_pieces: None,
    cores: Callable[[int], None],
    processes: list["subprocess.Popen[bytes]"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del small_pieces
    cores(2)
    monkeypatch.setattr(read_ahead, "_work", lambda *_: None)  # or nothing may be left for the other
    path = tmp_path / "val.json"
    path.write_bytes(built_document(IMAGE_COUNT))

    def kill(done: int, total: int) -> None:
        del done, total
        os.kill(processes[0].pid, signal.SIGKILL)

    with pytest.raises(DatasetError, match=r"val.json: a process that read a part.*open the dataset again"):
        indexed_split(path, tmp_path / "index", kill)
    assert not list(tmp_path.glob("index/*"))
    assert len(processes) == 1
    assert not workers_of(os.getpid())


def test_cancelling_ends_all_processes(
    tmp_path: Path, small_pieces: None, cores: Callable[[int], None], processes: list["subprocess.Popen[bytes]"]
) -> None:
    del small_pieces
    cores(99)
    path = tmp_path / "val.json"
    path.write_bytes(built_document(3 * IMAGE_COUNT))

    def cancel(done: int, total: int) -> None:
        raise JobCancelled(done, total)

    with pytest.raises(JobCancelled):
        indexed_split(path, tmp_path / "index", cancel)
    assert not list(tmp_path.glob("index/*"))
    assert len(processes) == MOST_PROCESSES - 1
    assert not workers_of(os.getpid())


def test_what_was_put_in_the_place_of_the_file_is_not_read(make_file: MakeFile) -> None:
    path = make_file(built_document(IMAGE_COUNT).decode())
    start, stop = (path.read_bytes().index(b'{"id": %d' % number) for number in (3, 5))
    piece = Piece(path=path, stamp=stamp_of(path.stat()), start=start, stop=stop)
    found = stretch_in(piece)
    assert found is not None
    assert (found.key, found.count, found.stop) == ("images", 2, stop)
    path.write_bytes(path.read_bytes() + b" ")
    assert stretch_in(piece) is None
    assert sha256_if_same(path, piece.stamp) is None


@pytest.mark.slow
@pytest.mark.skipif(usable_cores() < 2, reason="a single core reads alone")
def test_a_reading_that_is_cancelled_while_others_help_leaves_no_process(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    record = json.dumps(annotation(1, 1, CAT, note="x" * 4000))
    records = ",".join([record] * (LEAST_BYTES // len(record) + 1))
    path.write_text(json.dumps(document([image(1)], [])).replace('"annotations": []', f'"annotations": [{records}]'))
    others = set(psutil.Process().children(recursive=True))  # of tests before, in the same process
    helpers: set[psutil.Process] = set()

    def cancel(done: int, total: int) -> None:
        helpers.update(set(psutil.Process().children(recursive=True)) - others)
        if 0 < done < total:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        index_files([path], tmp_path / "index", cancel)
    assert len(helpers) == min(usable_cores(), MOST_PROCESSES)
    _, alive = psutil.wait_procs(helpers, timeout=20)
    assert not alive
