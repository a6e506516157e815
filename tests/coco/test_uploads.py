"""Uploaded annotation files lie in the workspace, whole, under a name that can do no harm."""

import errno
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cocomine.coco import uploads
from cocomine.coco.uploads import drop_upload, keep_upload, upload_name
from cocomine.errors import DatasetError
from cocomine.system.file_names import is_portable, name_flaw


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("instances_val2017.json", "instances_val2017.json"),
        ("my file (2).json", "my-file-2.json"),
        ("../../etc/passwd", "passwd.json"),
        (r"C:\Users\me\data.json", "data.json"),
        ("con.json", "file-con.json"),
        ("..", "upload.json"),
        ("", "upload.json"),
        ("жук.json", "жук.json"),
    ],
)
def test_a_name_keeps_what_is_safe(name: str, kept: str) -> None:
    assert upload_name(name) == kept


@given(st.text(st.characters(codec=None), max_size=300))
def test_any_name_becomes_one_that_every_system_can_hold(name: str) -> None:
    kept = upload_name(name)
    assert Path(kept).name == kept
    assert name_flaw(kept) is None
    assert is_portable(kept)


def test_an_upload_is_kept_once(tmp_path: Path) -> None:
    places = [keep_upload(tmp_path / "uploads", "a.json", content) for content in (b"{}", b"{}", b"[]")]
    assert places[0] == places[1] != places[2]
    assert [place.read_bytes() for place in places] == [b"{}", b"{}", b"[]"]


def test_a_dropped_upload_leaves_nothing(tmp_path: Path) -> None:
    place = keep_upload(tmp_path, "a.json", b"{}")
    drop_upload(place)
    drop_upload(place)
    assert not list(tmp_path.iterdir())


def test_an_upload_that_is_too_large_is_refused_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The browser refuses it first, but not every client is one."""
    monkeypatch.setattr(uploads, "LARGEST_UPLOAD_MB", 1)
    keep_upload(tmp_path / "uploads", "a.json", bytes(1 << 20))
    with pytest.raises(DatasetError, match=r"b\.json: larger than 1 MB\. Enter its path"):
        keep_upload(tmp_path / "uploads", "../b.json", bytes((1 << 20) + 1))
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_an_upload_for_which_there_is_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(uploads, "write_bytes", full)
    with pytest.raises(DatasetError, match=r"cannot be written \(No space left on device\)"):
        keep_upload(tmp_path, "a.json", b"{}")
    assert not list(tmp_path.iterdir())


def test_an_upload_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "uploads").write_bytes(b"a file where the folder should be")
    with pytest.raises(DatasetError, match=r"cannot be written .* COCOMINE_HOME"):
        keep_upload(tmp_path / "uploads", "a.json", b"{}")
