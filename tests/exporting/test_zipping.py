"""A zip of an export: what is in it, that any reader opens it, and that it is the same whenever it is made."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from datasets import export_of, files_in
from disks import small_disk

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError, StorageError
from cocomine.exporting import zipping
from cocomine.exporting.zipping import plan_zip, write_zip, zip_blocks
from cocomine.system.jobs import JobCancelled


@pytest.fixture
def export(four_images: Dataset, tmp_path: Path) -> Path:
    """An export whose image files a test may change: with links they would be those of the dataset of all tests."""
    formats = ("coco", "masks", "mined", "yolo", "voc")
    export_of(four_images, tmp_path / "export", formats=formats, images="copy")
    return tmp_path / "export"


def zip_of(export: Path) -> bytes:
    return b"".join(zip_blocks(plan_zip(export)))


def test_a_zip_holds_every_file_of_the_export_in_one_folder(export: Path, tmp_path: Path) -> None:
    path = write_zip(plan_zip(export), tmp_path)
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        opened.extractall(tmp_path / "unpacked")
    assert files_in(tmp_path / "unpacked" / path.stem) == files_in(export)
    assert path.stem.startswith("cat-cup-any-")


def test_its_length_is_known_before_its_first_byte(export: Path) -> None:
    plan = plan_zip(export)
    assert plan.size == len(b"".join(zip_blocks(plan)))


def test_images_are_stored_and_texts_deflated_and_nothing_has_a_time(export: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_zip(plan_zip(export), tmp_path)) as opened:
        infos = {Path(each.filename).suffix: each for each in opened.infolist()}
    methods = {ending: info.compress_type == zipfile.ZIP_DEFLATED for ending, info in infos.items()}
    texts = dict.fromkeys((".json", ".csv", ".md", ".yaml", ".txt", ".xml"), True)
    assert methods == {".jpg": False, ".png": False} | texts
    assert {info.date_time for info in infos.values()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_same_export_gives_the_same_bytes_wherever_and_whenever_it_lies(export: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(export, tmp_path / "another" / "place", copy_function=shutil.copyfile)
    assert zip_of(copy) == zip_of(export)


@pytest.mark.parametrize("program", [["unzip", "-tqq"], ["bsdtar", "-tf"]], ids=lambda program: program[0])
def test_other_programs_open_it(export: Path, tmp_path: Path, program: list[str]) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip(f"{program[0]} is not installed")
    path = write_zip(plan_zip(export), tmp_path)
    assert subprocess.run([*program, str(path)], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("largest", "most_files"), [(600, 3), (600, 0xFFFF), (1 << 32, 3)])
def test_a_large_zip_is_opened_as_well(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, largest: int, most_files: int
) -> None:
    """As if fields of 64 bits began at 600 bytes and 3 files: some files and places are beyond that, others are not."""
    monkeypatch.setattr(zipping, "LARGEST", largest)
    monkeypatch.setattr(zipping, "MOST_FILES", most_files)
    plan = plan_zip(export)
    path = write_zip(plan, tmp_path)
    assert path.stat().st_size == plan.size
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        assert len(opened.infolist()) == len(plan.members)


def test_what_is_not_of_the_export_stays_outside(export: Path, tmp_path: Path) -> None:
    before = zip_of(export)
    (export / "notes.txt").write_text("mine")
    (next(export.glob("images/*")) / "more.jpg").write_bytes(b"mine")
    (export / "link").symlink_to(tmp_path)
    assert zip_of(export) == before


@pytest.mark.parametrize("harm", ["gone", "shorter", "link", "folder is a link"])
def test_an_export_that_was_changed_is_refused_with_the_file(export: Path, tmp_path: Path, harm: str) -> None:
    path = min(export.glob("images/*/*.jpg"))
    if harm == "shorter":
        path.write_bytes(path.read_bytes()[:-1])
    elif harm == "folder is a link":
        path.parent.rename(tmp_path / "elsewhere")
        path.parent.symlink_to(tmp_path / "elsewhere")
    else:
        path.rename(tmp_path / "elsewhere.jpg")
        if harm == "link":
            path.symlink_to(tmp_path / "elsewhere.jpg")
    with pytest.raises(ExportError, match=rf"{path.name}: this file .*Export again, then zip it"):
        plan_zip(export)


@pytest.mark.parametrize("change", ["text", "longer text", "longer image", "shorter image"])
def test_a_file_that_changes_after_the_plan_ends_the_zip(export: Path, change: str, tmp_path: Path) -> None:
    plan = plan_zip(export)
    path = export / "README.md" if change.endswith("text") else next(export.glob("images/*/*.jpg"))
    data = path.read_bytes()
    path.write_bytes({"text": b"x" * len(data), "shorter image": data[1:]}.get(change, data + b"!"))
    with pytest.raises(ExportError, match=rf"{path.name}: this file is not as it was exported"):
        write_zip(plan, tmp_path / "out.zip")
    assert not list(tmp_path.glob("out.zip*"))


def test_a_file_that_changes_between_its_header_and_its_content_ends_the_zip(
    export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zipping, "_check_sum", lambda *_: 1)
    with pytest.raises(ExportError, match="not as it was exported"):
        zip_of(export)


def test_a_cancelled_zip_leaves_nothing(export: Path, tmp_path: Path) -> None:
    def cancelled(*_: int) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        write_zip(plan_zip(export), tmp_path / "out.zip", progress=cancelled)
    assert not list(tmp_path.glob("out.zip*"))


def test_a_file_that_is_there_is_not_written_over(export: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_text("mine")
    with pytest.raises(ExportError, match=r"mine\.zip: there is such a file already"):
        write_zip(plan_zip(export), tmp_path / "mine.zip")
    assert (tmp_path / "mine.zip").read_text() == "mine"


def test_progress_ends_with_all_of_it(export: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    plan = plan_zip(export)
    write_zip(plan, tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (plan.size, plan.size)


def test_a_disk_without_room_is_told_before_the_first_byte(export: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "4k") as disk:
        with pytest.raises(StorageError, match=r"The zip needs about .* are missing"):
            write_zip(plan_zip(export), disk)
        assert not list(disk.iterdir())


@pytest.fixture
def spacious(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files of zeros cost nothing to read, where there is such a one: a disk's fill the cache."""
    shared_memory = Path("/dev/shm")  # noqa: S108 - what is below it has a name of its own
    if not shared_memory.is_dir():
        yield tmp_path
        return
    with TemporaryDirectory(dir=shared_memory) as folder:
        yield Path(folder)


@pytest.mark.slow
def test_the_memory_for_five_gigabytes_is_that_for_a_few_blocks(four_images: Dataset, spacious: Path) -> None:
    """Of files that take no place, since nothing but zeros is in them."""
    export = spacious / "export"
    export_of(four_images, export, formats=("coco",), images="copy")  # else the dataset of all tests grew as well
    sizes = dict(zip(sorted(export.glob("images/*/*.jpg")), (4_500_000_000, 600_000_000), strict=False))
    for path, size in sizes.items():
        os.truncate(path, size)
    manifest = json.loads((export / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        entry["size"] = sizes.get(export / entry["path"], entry["size"])
    (export / "manifest.json").write_text(json.dumps(manifest))
    code = (
        "import resource, sys; from pathlib import Path; from cocomine.exporting.zipping import plan_zip, zip_blocks\n"
        "memory_kb = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "before, plan = memory_kb(), plan_zip(Path(sys.argv[1]))\n"
        "assert sum(map(len, zip_blocks(plan))) == plan.size > 5_000_000_000\n"
        "print(memory_kb() - before)"
    )
    run = subprocess.run([sys.executable, "-c", code, str(export)], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 32_000


def test_the_end_of_a_zip_of_many_files_is_as_pkware_describes_it() -> None:
    """Sections 4.3.14 to 4.3.16 of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT."""
    end = zipping._end(70_000, 5_000_000, 9_000_000_000)
    record, locator, last = end[:56], end[56:76], end[76:]
    assert struct.unpack("<4sQ2H2I4Q", record) == (
        *(b"PK\6\6", 56 - 12, 3 << 8 | 45, 45, 0, 0),  # UNIX and version 4.5; disk 0 of the directory's disk 0
        *(70_000, 70_000, 5_000_000, 9_000_000_000),
    )
    assert struct.unpack("<4sIQI", locator) == (b"PK\6\7", 0, 9_005_000_000, 1)
    assert struct.unpack("<4s4H2IH", last) == (b"PK\5\6", 0, 0, *[0xFFFF] * 2, *[0xFFFF_FFFF] * 2, 0)


@pytest.mark.parametrize(
    ("file_count", "directory_size", "place", "size"),
    [(0xFFFE, 0xFFFF_FFFE, 0xFFFF_FFFE, 22), (0xFFFF, 1, 1, 98), (1, 0xFFFF_FFFF, 1, 98), (1, 1, 0xFFFF_FFFF, 98)],
)
def test_fields_of_64_bits_begin_where_those_of_32_are_full(
    file_count: int, directory_size: int, place: int, size: int
) -> None:
    assert len(zipping._end(file_count, directory_size, place)) == size


def test_each_file_in_it_is_one_of_unix_of_the_first_day_that_everybody_may_read(export: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(write_zip(plan_zip(export), tmp_path)) as opened:
        found = {
            (each.create_system, each.create_version, each.extract_version, each.flag_bits, each.external_attr >> 16)
            for each in opened.infolist()
        }
        assert found == {(3, 20, 20, 0x800, 0o100644)}  # names in UTF-8
        assert {each.date_time for each in opened.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {(each.volume, each.internal_attr, each.comment) for each in opened.infolist()} == {(0, 0, b"")}


def test_a_file_of_which_the_disk_fails_while_it_is_packed_is_named(export: Path, tmp_path: Path) -> None:
    plan = plan_zip(export)
    (export / "README.md").unlink()
    with pytest.raises(ExportError, match=rf"{export / 'README.md'}: cannot be read \(No such file or directory\)"):
        write_zip(plan, tmp_path)
