"""Pictures come along as files of their own or as the very files of the dataset, and nothing else comes with them."""

import errno
import os
import re
from pathlib import Path

import pytest
from datasets import MakeDataset, export_of, files_in
from records import CAT, annotation, image

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError
from cocomine.exporting.formats import image_files
from cocomine.exporting.formats.image_files import (
    PlacedImage,
    Placement,
    can_share,
    place_image,
    placement_sentences,
)

WAYS = ["link", "copy"]


@pytest.fixture
def folder(make_dataset: MakeDataset, tmp_path: Path) -> Path:
    """The image folder of three images with a cat each, `1.jpg` to `3.jpg`."""
    make_dataset([image(n) for n in (1, 2, 3)], [annotation(n, n, CAT) for n in (1, 2, 3)])
    return tmp_path / "data" / "all2017"


def opened(make: MakeDataset) -> Dataset:
    return make([image(n) for n in (1, 2, 3)], [annotation(n, n, CAT) for n in (1, 2, 3)], pictures=False)


@pytest.mark.parametrize("way", WAYS)
def test_an_export_holds_no_symbolic_links(folder: Path, make_dataset: MakeDataset, tmp_path: Path, way: str) -> None:
    (folder / "1.jpg").rename(folder / "real.jpg")
    (folder / "1.jpg").symlink_to("real.jpg")
    manifest = export_of(opened(make_dataset), tmp_path / "export", images=way)
    pictures = [path for path in (tmp_path / "export" / "images").rglob("*.jpg") if not path.is_symlink()]
    assert len(pictures) == 3
    assert manifest["image_files"]["linked" if way == "link" else "copied"] == 3
    assert {path.stat().st_nlink for path in pictures} == ({2} if way == "link" else {1})


@pytest.mark.parametrize("way", WAYS)
def test_a_link_out_of_the_dataset_is_not_followed(
    folder: Path, make_dataset: MakeDataset, tmp_path: Path, way: str
) -> None:
    secret = tmp_path / "secret.jpg"
    (folder / "1.jpg").rename(secret)
    (folder / "1.jpg").symlink_to(secret)
    (folder / "2.jpg").unlink()
    (folder / "2.jpg").symlink_to("/etc/passwd")
    manifest = export_of(opened(make_dataset), tmp_path / "export", images=way)
    assert set(files_in(tmp_path / "export" / "images")) in ({"train/3.jpg"}, {"val/3.jpg"})
    assert manifest["is_complete"] is False
    assert sum(entry["missing_image_file_count"] for entry in manifest["splits"]) == 2
    assert "1 of 3 images found, 2 missing" in manifest["warnings"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("content", [b"root:x:0:0", b"", b"<html>not found</html>"])
def test_a_file_that_is_no_image_is_left_out_and_named(
    folder: Path, make_dataset: MakeDataset, tmp_path: Path, *, way: str, content: bytes
) -> None:
    (folder / "2.jpg").write_bytes(content)
    manifest = export_of(opened(make_dataset), tmp_path / "export", images=way)
    assert content not in files_in(tmp_path / "export" / "images").values()
    told = " ".join(manifest["warnings"])
    assert "2 of 3 images found, 1 missing" in told
    assert re.search(r"(no images, which were not exported|Images without a file): 1 \(images/\w+/2.jpg\)", told)
    assert (folder / "2.jpg").read_bytes() == content


def test_missing_images_are_counted_everywhere(folder: Path, make_dataset: MakeDataset, tmp_path: Path) -> None:
    (folder / "1.jpg").unlink()
    manifest = export_of(opened(make_dataset), tmp_path / "export")
    assert not manifest["is_complete"]
    assert sum(entry["image_file_count"] for entry in manifest["splits"]) == 2
    assert sum(entry["missing_image_file_count"] for entry in manifest["splits"]) == 1
    assert "2 of 3 images found, 1 missing" in manifest["warnings"]
    assert any(re.fullmatch(r"Images without a file: 1 \(images/\w+/1.jpg\)", each) for each in manifest["warnings"])
    assert "2 of 3 images found, 1 missing" in (tmp_path / "export" / "README.md").read_text(encoding="utf-8")
    assert sum(entry["image_count"] for entry in manifest["splits"]) == 3


def test_an_export_of_which_all_pictures_are_unusable_is_refused_and_leaves_nothing(
    folder: Path, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"no image")
    with pytest.raises(ExportError, match=r"None of the 3 images can be used in .*Files that are no images"):
        export_of(opened(make_dataset), tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_where_links_lead_out_that_is_told_with_the_option_that_allows_it(
    folder: Path, make_dataset: MakeDataset, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for path in list(folder.iterdir()):
        path.rename(outside / path.name)
        path.symlink_to(outside / path.name)
    with pytest.raises(ExportError, match=r"Links lead out of that folder, to .*outside, .*--linked-folder"):
        export_of(opened(make_dataset), tmp_path / "export")


@pytest.mark.parametrize("way", WAYS)
def test_a_link_that_is_put_there_after_the_look_is_not_followed(tmp_path: Path, way: str) -> None:
    (tmp_path / "secret").write_bytes(b"root:x:0:0")
    (tmp_path / "a.jpg").symlink_to(tmp_path / "secret")
    assert place_image(tmp_path / "a.jpg", tmp_path / "target.jpg", mode=way) is Placement.UNREADABLE
    assert not os.path.lexists(tmp_path / "target.jpg")


def test_a_file_whose_disk_fails_half_way_cannot_be_read_and_leaves_no_half(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = iter([(folder / "1.jpg").read_bytes()[:100], None])
    monkeypatch.setattr(image_files, "_next_block", lambda _: next(blocks))
    assert place_image(folder / "1.jpg", tmp_path / "target.jpg", mode="copy") is Placement.UNREADABLE
    assert not (tmp_path / "target.jpg").exists()


@pytest.mark.parametrize("way", WAYS)
def test_a_pipe_is_no_picture_and_nobody_waits_for_it(tmp_path: Path, way: str) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    assert place_image(tmp_path / "a.jpg", tmp_path / "target.jpg", mode=way) is Placement.NO_IMAGE
    assert not os.path.lexists(tmp_path / "target.jpg")


def test_where_the_disk_allows_no_hard_link_the_file_is_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    assert place_image(folder / "1.jpg", folder / "target.jpg", mode="link") is Placement.COPIED
    assert (folder / "target.jpg").read_bytes() == (folder / "1.jpg").read_bytes()


@pytest.mark.parametrize(("count", "named"), [(3, "0, 1, 2"), (4, "0, 1, 2, …")])
def test_three_files_are_named_and_more_are_hinted_at(count: int, named: str) -> None:
    images = [PlacedImage(split="val", path=str(n), source=None, placement=Placement.MISSING) for n in range(count)]
    assert placement_sentences(images)[1] == f"Images without a file: {count} ({named})"


def test_a_disk_that_can_share_the_blocks_of_two_files_is_asked_for_that_and_nothing_is_written_twice(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def clone(writing: int, code: int, reading: int) -> None:
        asked.append(code)
        os.write(writing, os.pread(reading, 1 << 20, 0))

    monkeypatch.setattr("fcntl.ioctl", clone)
    assert place_image(folder / "1.jpg", folder / "new.jpg", mode="copy") is Placement.COPIED
    assert (folder / "new.jpg").read_bytes() == (folder / "1.jpg").read_bytes()
    assert asked == [0x40049409]  # FICLONE of linux/fs.h


def test_elsewhere_than_on_linux_every_byte_is_copied(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert place_image(folder / "1.jpg", folder / "new.jpg", mode="copy") is Placement.COPIED


def test_a_folder_that_cannot_be_written_shares_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_share(tmp_path / "new" / "export")

    def refuse(**_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(image_files, "TemporaryDirectory", refuse)
    assert not can_share(tmp_path)
