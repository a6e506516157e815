"""CocoMine's own things lie in one folder, and the datasets opened last are remembered there."""

from pathlib import Path

import pytest

from cocomine.workspace import RECENT_LENGTH, Workspace, recent_datasets, remember_dataset, workspace_from_environment


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(root=tmp_path / "home")


def folders(tmp_path: Path, count: int) -> list[Path]:
    paths = [tmp_path / f"data{index}" for index in range(count)]
    for path in paths:
        path.mkdir()
    return paths


def test_the_environment_names_the_workspace(tmp_path: Path) -> None:
    assert workspace_from_environment({"COCOMINE_HOME": str(tmp_path)}).root == tmp_path


def test_a_tilde_in_the_environment_is_the_home_folder() -> None:
    assert workspace_from_environment({"COCOMINE_HOME": "~/coco"}).root == Path.home() / "coco"


@pytest.mark.parametrize("environment", [{}, {"COCOMINE_HOME": ""}])
def test_without_a_name_the_workspace_is_in_the_home_folder(environment: dict[str, str]) -> None:
    assert workspace_from_environment(environment).root == Path.home() / ".cocomine"


def test_naming_the_folders_creates_none(workspace: Workspace) -> None:
    kept = {workspace.demo, workspace.exclusions, workspace.exports, workspace.runs, workspace.weights}
    places = {*kept, workspace.viewer}
    assert {place.parent for place in places} == {workspace.root}
    assert len(places) == 6
    assert not workspace.root.exists()


def test_nothing_opened_yet_is_an_empty_list(workspace: Workspace) -> None:
    assert recent_datasets(workspace) == []


def test_the_dataset_opened_last_comes_first(workspace: Workspace, tmp_path: Path) -> None:
    first, second = folders(tmp_path, 2)
    remember_dataset(workspace, first)
    remember_dataset(workspace, second)
    assert recent_datasets(workspace) == [second, first]


def test_a_dataset_opened_again_moves_to_the_front_and_is_there_once(workspace: Workspace, tmp_path: Path) -> None:
    first, second = folders(tmp_path, 2)
    for path in (first, second, first):
        remember_dataset(workspace, path)
    assert recent_datasets(workspace) == [first, second]


def test_the_oldest_leave_a_full_list(workspace: Workspace, tmp_path: Path) -> None:
    paths = folders(tmp_path, RECENT_LENGTH + 3)
    for path in paths:
        remember_dataset(workspace, path)
    assert recent_datasets(workspace) == paths[::-1][:RECENT_LENGTH]


def test_a_dataset_that_is_gone_is_left_out(workspace: Workspace, tmp_path: Path) -> None:
    first, second = folders(tmp_path, 2)
    remember_dataset(workspace, first)
    remember_dataset(workspace, second)
    second.rmdir()
    assert recent_datasets(workspace) == [first]


@pytest.mark.parametrize("content", [b"", b"[", b"null", b"7", b'{"a": 1}', b'"text"', b"[1, null]", b"\xff"])
def test_a_damaged_list_is_empty_and_the_next_dataset_mends_it(
    workspace: Workspace, tmp_path: Path, content: bytes
) -> None:
    workspace.root.mkdir()
    (workspace.root / "recent.json").write_bytes(content)
    assert recent_datasets(workspace) == []
    (path,) = folders(tmp_path, 1)
    remember_dataset(workspace, path)
    assert recent_datasets(workspace) == [path]


def test_a_dataset_that_is_on_top_already_writes_nothing(workspace: Workspace, tmp_path: Path) -> None:
    remember_dataset(workspace, tmp_path)
    written = (workspace.root / "recent.json").stat()
    remember_dataset(workspace, tmp_path)
    assert (workspace.root / "recent.json").stat().st_ino == written.st_ino
