"""A full disk is named with what is free and needed, before the work begins and in the middle of it."""

import errno
import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from cocomine.errors import StorageError
from cocomine.system.space import free_bytes, require_space, storage_error, writing_to


@pytest.fixture
def nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(total=10**9, used=10**9 - 5000, free=5000))


@pytest.mark.usefixtures("nearly_full")
def test_work_that_needs_more_than_is_free_is_refused_with_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StorageError) as caught:
        require_space(tmp_path / "new" / "export", 3_005_000, "The export")
    assert str(caught.value) == (
        f"{tmp_path / 'new' / 'export'}: The export needs about 3.0 MB, and 5 kB are free there: 3.0 MB are missing. "
        "Free some space, or choose a folder on another disk."
    )


@pytest.mark.usefixtures("nearly_full")
def test_work_that_fits_is_let_through(tmp_path: Path) -> None:
    require_space(tmp_path, 5000, "The export")


def test_the_space_of_a_folder_that_is_not_there_is_that_of_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "a" / "b", tmp_path / "file" / "below"):
        assert 0 < free_bytes(place) <= shutil.disk_usage(tmp_path).total


@pytest.mark.usefixtures("nearly_full")
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (
            errno.ENOSPC,
            "the disk is full: 5 kB are free there now, about 1.2 GB are needed, and 1.2 GB are missing",
        ),
        (errno.EDQUOT, "your share of the disk is full: 5 kB are free there"),
        (errno.EFBIG, "larger than this disk or account allows. Choose a folder on another disk"),
        (errno.EACCES, r"may not be written \(Permission denied\). Choose a folder you may write to"),
        (errno.EROFS, r"may not be written \(Read-only file system\)"),
        (errno.ENAMETOOLONG, r"cannot be written \(File name too long\). Choose another folder"),
    ],
)
def test_what_the_system_says_becomes_a_sentence_about_the_target(tmp_path: Path, number: int, said: str) -> None:
    target = tmp_path / "last.pt"
    with pytest.raises(StorageError, match=f"^{target}: .*{said}"), writing_to(target, need_bytes=1_200_000_000):
        raise OSError(number, os.strerror(number), "/data/source.jpg")


@pytest.mark.usefixtures("nearly_full")
def test_a_disk_that_takes_no_more_files_is_not_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_files=100, f_favail=0))
    error = storage_error(tmp_path / "x", OSError(errno.ENOSPC, "No space left on device"))
    assert "the disk takes no more files, whatever their size. Delete some" in str(error)


def test_an_error_without_a_number_is_told_in_its_own_words(tmp_path: Path) -> None:
    assert "cannot be written (odd)" in str(storage_error(tmp_path / "x", OSError("odd")))
