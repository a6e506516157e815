"""An export folder appears whole; until then, and if it never does, what was there stays as it was."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from datasets import MakeDataset, export_of, files_in, recipe_of
from disks import largest_file, small_disk
from exports import export_problems

from cocomine.coco.dataset import Dataset
from cocomine.errors import ExportError, StorageError
from cocomine.exporting import staging
from cocomine.exporting.layout import MANIFEST, RECIPE, UNFINISHED
from cocomine.exporting.planning.plan import plan_export
from cocomine.exporting.staging import NEW, OLD, SUFFIX, free_name
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.division import Division
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Selection
from cocomine.system.jobs import ProgressOf


class KilledError(BaseException):
    """Stands for whatever ends an export half way: Ctrl-C, another click on the page."""


def kill_at(moment: int) -> ProgressOf:
    calls = iter(range(moment, -1, -1))

    def progress(_done: int, _total: int) -> None:
        if next(calls) == 0:
            raise KilledError

    return lambda _: progress


@pytest.fixture(name="small_disk")
def _small_disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "256k") as disk:
        yield disk


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_an_export_that_is_ended_half_way_leaves_nothing(four_images: Dataset, tmp_path: Path, moment: int) -> None:
    plan = plan_export(four_images, recipe_of(four_images))
    with pytest.raises(KilledError):
        write_export(plan, tmp_path / "exports" / "killed", progress=kill_at(moment))
    assert tree(tmp_path / "exports") == set()


@pytest.mark.parametrize("moment", [0, 1, 2])
def test_an_export_that_is_ended_half_way_leaves_the_complete_one_that_was_there(
    four_images: Dataset, tmp_path: Path, moment: int
) -> None:
    export_of(four_images, tmp_path / "export")
    before = files_in(tmp_path)
    with pytest.raises(KilledError):
        write_export(plan_export(four_images, recipe_of(four_images)), tmp_path / "export", progress=kill_at(moment))
    assert files_in(tmp_path) == before


def test_what_a_killed_process_left_is_cleared_by_the_next_export_beside_it(
    four_images: Dataset, tmp_path: Path
) -> None:
    left = tmp_path / f".other{SUFFIX}" / NEW / "labels"
    left.mkdir(parents=True)
    (left / "half.png").write_bytes(b"half")
    (left.parents[1] / "lock").touch()
    export_of(four_images, tmp_path / "export")
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


def test_a_process_killed_between_taking_the_old_away_and_putting_the_new_there_loses_neither(
    four_images: Dataset, tmp_path: Path
) -> None:
    export_of(four_images, tmp_path / "export")
    before = files_in(tmp_path / "export")
    part = tmp_path / f".export{SUFFIX}"
    part.mkdir()
    (tmp_path / "export").rename(part / OLD)
    export_of(four_images, tmp_path / "another")
    assert files_in(tmp_path / "export") == before
    assert not part.exists()


def test_folders_above_it_that_are_not_there_are_made(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "exports" / "cats" / "first")
    assert export_problems(tmp_path / "exports" / "cats" / "first") == []


def laid_trap(folder: Path, private: Path) -> None:
    """Lay what looks like an export that was killed before `private` came back as `folder`'s `other`."""
    folder.mkdir()
    (folder / OLD).symlink_to(private)
    (folder / "lock").touch()


def test_a_link_beside_it_moves_no_file_of_the_person(four_images: Dataset, tmp_path: Path) -> None:
    for name in ("private", "other", "shared"):
        (tmp_path / name).mkdir()
    (tmp_path / "private" / "letter.txt").write_text("dear")
    laid_trap(tmp_path / "trap", tmp_path / "private")
    (tmp_path / "shared" / f".other{SUFFIX}").symlink_to(tmp_path / "trap")
    (tmp_path / "shared" / "other").mkdir()
    export_of(four_images, tmp_path / "shared" / "export")
    assert (tmp_path / "private" / "letter.txt").read_text() == "dear"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only the superuser can give a folder away")
def test_a_hidden_folder_of_somebody_else_is_neither_cleared_nor_used(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "letter.txt").write_text("dear")
    (tmp_path / "other").mkdir()
    for name in ("other", "export"):
        laid_trap(tmp_path / f".{name}{SUFFIX}", tmp_path / "private")
        os.chown(tmp_path / f".{name}{SUFFIX}", 65534, 65534)
    export_of(four_images, tmp_path / "another")
    with pytest.raises(ExportError, match="not yours"):
        export_of(four_images, tmp_path / "export")
    assert (tmp_path / "private" / "letter.txt").read_text() == "dear"


def test_the_same_export_again_gives_the_same_folder(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    before = files_in(tmp_path)
    export_of(four_images, tmp_path / "export")
    assert files_in(tmp_path) == before


def test_the_same_recipe_in_former_words_is_the_same_recipe(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    before, recipe = files_in(tmp_path), tmp_path / "export" / RECIPE
    recipe.write_text(recipe.read_text().replace("excluded_classes:", "forbidden:"))
    export_of(four_images, tmp_path / "export")
    assert files_in(tmp_path) == before


def test_a_person_s_files_in_an_export_stay_and_are_not_listed(four_images: Dataset, tmp_path: Path) -> None:
    manifest = export_of(four_images, tmp_path / "export")
    for place in ("notes.txt", "labels/train/mine.txt", "own/far/down/deep.txt"):
        (tmp_path / "export" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "export" / place).write_text("mine")
    before = files_in(tmp_path)
    assert export_of(four_images, tmp_path / "export") == manifest
    assert files_in(tmp_path) == before


def test_a_file_that_only_the_former_export_had_does_not_stay(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    export_of(dataset, tmp_path / "export")
    (former,) = (path for path in files_in(tmp_path / "export") if path.endswith("a.jpg"))
    (tmp_path / "data" / "all2017" / "a.jpg").unlink()
    export_of(dataset, tmp_path / "export")
    assert former not in files_in(tmp_path / "export")


def test_two_exports_into_one_folder_at_once_do_not_meet(four_images: Dataset, tmp_path: Path) -> None:
    plan = plan_export(four_images, recipe_of(four_images))
    refused: list[str] = []

    def meanwhile(_done: int, _total: int) -> None:
        told = r"another export into this folder is being written \(process \d+ on .*: \d+ %\). Wait"
        with pytest.raises(ExportError, match=told) as caught:
            write_export(plan, tmp_path / "export")
        refused.append(str(caught.value))

    write_export(plan, tmp_path / "export", progress=lambda _: meanwhile)
    assert refused
    assert export_problems(tmp_path / "export") == []


def test_exports_into_two_folders_at_once_leave_each_other_alone(four_images: Dataset, tmp_path: Path) -> None:
    plan = plan_export(four_images, recipe_of(four_images))

    def meanwhile(_done: int, _total: int) -> None:
        write_export(plan, tmp_path / "two")

    write_export(plan, tmp_path / "one", progress=lambda _: meanwhile)
    assert [export_problems(tmp_path / name) for name in ("one", "two")] == [[], []]


def test_an_unfinished_export_of_an_older_version_makes_room(four_images: Dataset, tmp_path: Path) -> None:
    old = tmp_path / "export"
    (old / "labels").mkdir(parents=True)
    for name in (UNFINISHED, "recipe.yaml", "labels/half.png", "labels.json.part-1-1", "notes.txt"):
        (old / name).write_bytes(b"half")
    other: dict[str, Any] = {"selection": Selection(classes=("cat",)), "formats": ("coco",)}
    export_of(four_images, old, **other)
    assert {name for name in tree(old) if not name.startswith(("annotations", "images"))} == {
        *("ATTRIBUTION.csv", "README.md", "contact_sheet.jpg", "manifest.json", "notes.txt", "recipe.yaml")
    }


def test_another_recipe_s_export_is_not_overwritten(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    before = files_in(tmp_path)
    with pytest.raises(ExportError, match=r"holds another export. Choose a new folder; exports are never mixed"):
        export_of(four_images, tmp_path / "export", division=Division(seed=1))
    assert files_in(tmp_path) == before


def test_a_folder_with_other_files_is_refused_and_untouched(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "mine.jpg").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"holds other files. Choose a new or empty folder"):
        export_of(four_images, tmp_path)
    assert files_in(tmp_path) == {"images/mine.jpg": b"mine"}


@pytest.mark.parametrize("manifest", [None, "{}", "{", '{"name": "web app"}'])
def test_a_recipe_beside_a_person_s_own_pictures_gives_no_right_to_clear_them(
    four_images: Dataset, tmp_path: Path, manifest: str | None
) -> None:
    export_of(four_images, tmp_path / "export")
    (tmp_path / "own" / "images").mkdir(parents=True)
    (tmp_path / "own" / "images" / "mine.jpg").write_bytes(b"mine")
    (tmp_path / "own" / "recipe.yaml").write_bytes((tmp_path / "export" / "recipe.yaml").read_bytes())
    if manifest is not None:
        (tmp_path / "own" / MANIFEST).write_text(manifest)
    before = files_in(tmp_path / "own")
    with pytest.raises(ExportError, match="holds other files"):
        export_of(four_images, tmp_path / "own")
    assert files_in(tmp_path / "own") == before


def test_a_dataset_is_never_exported_onto_itself(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    root = dataset.path.parent.parent
    before = files_in(root)
    with pytest.raises(ExportError, match="holds other files"):
        export_of(dataset, root)
    assert files_in(root) == before


def test_a_file_is_no_export_folder(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(ExportError, match=r"file: this is a file. Choose a new or empty folder"):
        export_of(four_images, tmp_path / "file")


def test_a_link_to_a_folder_is_followed_and_stays(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    export_of(four_images, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert export_problems(tmp_path / "real") == []


def test_a_link_that_leads_to_itself_is_no_place(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(ExportError, match=r"loop: this is no folder. Choose a new or empty folder"):
        export_of(four_images, tmp_path / "loop")


def test_a_folder_below_a_file_cannot_be_written(four_images: Dataset, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(StorageError, match=r"export: cannot be written \(.*Choose another folder"):
        export_of(four_images, tmp_path / "file" / "export")


@pytest.mark.skipif(not Path("/sys/kernel").is_dir(), reason="needs a folder in which not even root may write")
def test_a_folder_without_permission_cannot_be_written(four_images: Dataset) -> None:
    with pytest.raises(StorageError, match=r"^/sys/kernel/export: .*(choose a|Choose a|Choose another) folder"):
        export_of(four_images, Path("/sys/kernel/export"))


def test_a_name_that_is_too_long_cannot_be_written(four_images: Dataset, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be written .*File name too long"):
        export_of(four_images, tmp_path / ("long" * 100))


def test_a_disk_that_fills_up_is_told_by_its_target_and_leaves_the_old_export(
    four_images: Dataset, tmp_path: Path
) -> None:
    export_of(four_images, tmp_path / "export")
    before = files_in(tmp_path)
    with largest_file(600), pytest.raises(StorageError, match=rf"^{tmp_path / 'export'}: cannot be written"):
        export_of(four_images, tmp_path / "export")
    assert files_in(tmp_path) == before


def test_a_disk_without_room_is_told_before_anything_is_written(
    make_dataset: MakeDataset, small_disk: Path, tmp_path: Path
) -> None:
    dataset = make_dataset()
    with (tmp_path / "data" / "all2017" / "a.jpg").open("ab") as file:
        file.write(b"\0" * 400_000)
    message = rf"^{small_disk / 'export'}: The export needs about 4.. kB, and 2.. kB are free there: .* kB are missing"
    with pytest.raises(StorageError, match=message):
        export_of(dataset, small_disk / "export")
    assert tree(small_disk) == set()


def test_a_disk_that_somebody_else_fills_meanwhile_is_told_and_left_as_it_was(
    four_images: Dataset, small_disk: Path
) -> None:
    plan = plan_export(four_images, recipe_of(four_images, formats=FORMATS))

    def fill(_done: int, _total: int) -> None:
        free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_bsize
        with (small_disk / "other.bin").open("ab") as file:
            file.write(b"\0" * free)

    told = "(.* are needed, and .* are missing|.* are free there now)"  # by how much of it was our own
    message = rf"^{small_disk / 'export'}: cannot be written, the disk is full: {told}"
    with pytest.raises(StorageError, match=message):
        write_export(plan, small_disk / "export", progress=lambda _: fill)
    assert tree(small_disk) == {"other.bin"}


def test_the_root_of_a_disk_is_no_export_folder(four_images: Dataset, small_disk: Path) -> None:
    with pytest.raises(ExportError, match=r"root of a disk. Choose a new folder in it, such as .*/export"):
        export_of(four_images, small_disk)


def test_a_name_that_is_taken_is_counted_on_from_2(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    names = []
    for _ in range(3):
        free = free_name(folder)
        free.mkdir()
        names.append(free.name)
    assert names == ["export", "export-2", "export-3"]
    (tmp_path / "export-2").rmdir()
    (tmp_path / "export-2").symlink_to("nowhere")
    assert free_name(folder).name == "export-4"


def test_a_complete_export_whose_recipe_is_damaged_is_another_export(four_images: Dataset, tmp_path: Path) -> None:
    export_of(four_images, tmp_path / "export")
    (tmp_path / "export" / RECIPE).write_text("damaged: [")
    before = files_in(tmp_path / "export")
    with pytest.raises(ExportError, match="the folder holds another export"):
        export_of(four_images, tmp_path / "export")
    assert files_in(tmp_path / "export") == before


def test_what_another_export_cleared_meanwhile_is_nobodys_to_clear(tmp_path: Path) -> None:
    gone = tmp_path / f".export{SUFFIX}"
    assert not staging.is_own_folder(gone)
    with staging._locked(gone) as is_ours:
        assert not is_ours
    with (tmp_path / "lock").open("ab") as lock:
        assert staging._is_there(lock, tmp_path / "lock")
        (tmp_path / "lock").unlink()
        assert not staging._is_there(lock, tmp_path / "lock")
