"""Runs get other names and go to the trash and back, but never while a process is at work on one."""

from pathlib import Path

import pytest
from run_folders import write_run

from cocomine.errors import TrainingError
from cocomine.system.trash import remove_for_good
from cocomine.training.runs.keeping import (
    delete_run,
    deleted_runs,
    rename_run,
    restore_run,
    run_size_bytes,
)
from cocomine.training.runs.lock import take_lock


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "lock"}


def test_a_deleted_run_comes_back_as_it_was(tmp_path: Path) -> None:
    runs, trash = tmp_path / "runs", tmp_path / "trash"
    folder = write_run(runs / "cups-1")
    before = contents(folder)
    trashed = delete_run(folder, trash)
    assert not folder.exists()
    assert deleted_runs(trash) == [trashed]
    assert contents(restore_run(trashed, runs)) == before
    assert deleted_runs(trash) == []


def test_runs_of_one_name_lie_side_by_side_in_the_trash(tmp_path: Path) -> None:
    runs, trash = tmp_path / "runs", tmp_path / "trash"
    names = [delete_run(write_run(runs / "cups-1"), trash).name for _ in range(3)]
    assert names == ["cups-1", "cups-1~2", "cups-1~3"]
    assert restore_run(deleted_runs(trash)[1], runs) == runs / "cups-1"
    with pytest.raises(TrainingError, match="cups-1: has this name already"):
        restore_run(deleted_runs(trash)[0], runs)


def test_a_run_that_is_removed_for_good_leaves_nothing_and_takes_no_other(tmp_path: Path) -> None:
    trash = tmp_path / "trash"
    gone, kept = (delete_run(write_run(tmp_path / "runs" / name), trash) for name in ("cups-1", "cups-2"))
    assert remove_for_good([gone]) == []
    assert deleted_runs(trash) == [kept]
    (sentence,) = remove_for_good([gone])
    assert sentence.startswith(f"{gone}: cannot be deleted (No such file or directory).")


def test_a_run_gets_another_name(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "cups-1")
    before = contents(folder)
    assert contents(rename_run(folder, "first try")) == before
    assert [path.name for path in tmp_path.iterdir()] == ["first try"]


@pytest.mark.parametrize("name", ["", "../elsewhere", ".hidden", "a/b", "x" * 200])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    folder = write_run(tmp_path / "cups-1")
    with pytest.raises(TrainingError, match="cannot be the name of a run"):
        rename_run(folder, name)
    assert folder.is_dir()


def test_a_run_at_work_stays(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "cups-1")
    with take_lock(folder), pytest.raises(TrainingError, match="another process is at work on this run"):
        delete_run(folder, tmp_path / "trash")
    assert folder.is_dir()


def test_a_folder_that_is_no_run_stays(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(TrainingError, match="mine: is no folder of a run, so it is not moved to the trash"):
        delete_run(tmp_path / "mine", tmp_path / "trash")


def test_the_size_of_a_run_is_that_of_its_files(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "cups-1")
    expected = sum(len(data) for data in contents(folder).values())
    assert run_size_bytes(folder) == expected
