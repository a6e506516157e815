"""Which folders were named for a dataset's images is kept for the next time."""

from pathlib import Path

from cocomine.coco.image_folder_store import keep_folders, kept_folders
from cocomine.coco.image_folders import EVERYWHERE, ImageFolders

NAMED = ImageFolders(named={"": Path("/far"), "val": Path("/farther")}, linked=(Path("/linked"),))


def test_what_is_named_for_one_dataset_is_read_back_for_it_alone(tmp_path: Path) -> None:
    keep_folders(tmp_path / "kept", Path("/data/coco"), NAMED)
    assert kept_folders(tmp_path / "kept", Path("/data/coco"), tmp_path / "fetched") == NAMED
    assert kept_folders(tmp_path / "kept", Path("/data/other"), tmp_path / "fetched") == EVERYWHERE


def test_a_dataset_is_the_same_by_whatever_link_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "coco").mkdir()
    (tmp_path / "shortcut").symlink_to(tmp_path / "coco")
    keep_folders(tmp_path, tmp_path / "shortcut", NAMED)
    assert kept_folders(tmp_path, tmp_path / "coco", tmp_path / "fetched") == NAMED


def test_naming_nothing_forgets(tmp_path: Path) -> None:
    keep_folders(tmp_path, Path("/data/coco"), NAMED)
    keep_folders(tmp_path, Path("/data/coco"), EVERYWHERE)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_counts_as_none(tmp_path: Path) -> None:
    keep_folders(tmp_path, Path("/data/coco"), NAMED)
    (file,) = tmp_path.iterdir()
    for content in ("", "[]", '{"dataset": 3}', '{"dataset": "", "named": {"a": 1}}'):
        file.write_text(content)
        assert kept_folders(tmp_path, Path("/data/coco"), tmp_path / "fetched") == EVERYWHERE
