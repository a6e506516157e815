"""What one session knows of the images taken out follows the file, and trouble with the file is told, not raised."""

from pathlib import Path

import pytest

from cocomine.coco.dataset import ImageKey
from cocomine.exclusions import history as sessions
from cocomine.exclusions.edits import annotate, exclude, restore
from cocomine.exclusions.history import HISTORY_LENGTH, ExclusionList

ONE, TWO, THREE = ("val", 1), ("val", 2), ("val", 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "exclusions"


def session(folder: Path) -> ExclusionList:
    """Another browser session on the same dataset."""
    known = ExclusionList(folder, Path("/data/coco"))
    known.look()
    return known


def take_out(known: ExclusionList, *images: ImageKey) -> None:
    known.change(lambda reasons: exclude(reasons, images))


def only_file(folder: Path) -> Path:
    (file,) = folder.glob("*.json")
    return file


def test_a_new_session_knows_what_another_took_out(folder: Path) -> None:
    take_out(session(folder), ONE)
    assert session(folder).images == {ONE}


def test_a_session_sees_the_change_of_another_when_it_looks(folder: Path) -> None:
    one, other = session(folder), session(folder)
    take_out(one, ONE)
    assert other.images == frozenset()
    assert other.look()
    assert other.images == {ONE}
    assert not other.look()


def test_two_sessions_do_not_lose_each_others_images(folder: Path) -> None:
    one, other = session(folder), session(folder)
    take_out(one, ONE)
    take_out(other, TWO)
    assert other.images == {ONE, TWO}
    one.look()
    assert one.images == {ONE, TWO}


def test_an_unchanged_file_is_not_read_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = session(folder)
    take_out(known, ONE)
    known.look()
    monkeypatch.setattr(sessions, "exclusions_in", None)
    assert not known.look()
    assert known.images == {ONE}


def test_each_step_is_undone_and_done_again(folder: Path) -> None:
    known = session(folder)
    take_out(known, ONE, TWO)
    known.change(lambda reasons: annotate(reasons, [ONE], "dark"))
    known.change(lambda reasons: restore(reasons, [ONE]))
    known.undo()
    assert known.reasons == {ONE: "dark", TWO: ""}
    known.undo()
    known.undo()
    assert (known.reasons, known.can_undo, known.can_redo) == ({}, False, True)
    for _ in range(3):
        known.redo()
    assert (known.reasons, known.can_undo, known.can_redo) == ({TWO: ""}, True, False)
    assert session(folder).reasons == {TWO: ""}


def test_undoing_keeps_what_another_session_did(folder: Path) -> None:
    one, other = session(folder), session(folder)
    take_out(one, ONE)
    take_out(other, TWO)
    one.undo()
    assert session(folder).images == {TWO}


def test_without_a_step_undo_and_redo_do_nothing(folder: Path) -> None:
    known = session(folder)
    known.undo()
    known.redo()
    assert (known.images, known.trouble) == (frozenset(), None)


def test_what_changes_nothing_is_no_step(folder: Path) -> None:
    known = session(folder)
    known.change(lambda reasons: restore(reasons, [ONE]))
    assert not known.can_undo


def test_a_new_step_takes_the_place_of_undone_ones(folder: Path) -> None:
    known = session(folder)
    take_out(known, ONE)
    known.undo()
    take_out(known, TWO)
    assert not known.can_redo


def test_the_oldest_steps_leave_a_long_history(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cocomine.system.files.os.fsync", lambda _: None)
    known = session(folder)
    for image_id in range(HISTORY_LENGTH + 2):
        take_out(known, ("val", image_id))
    while known.can_undo:
        known.undo()
    assert known.images == {("val", 0), ("val", 1)}


def test_a_damaged_file_is_told_with_its_place_and_what_to_do(folder: Path) -> None:
    take_out(session(folder), ONE)
    name = only_file(folder).name
    only_file(folder).write_text('{"cocomine_exclusions": 1,')
    known = session(folder)
    assert known.images == frozenset()
    assert known.trouble is not None
    for part in ("damaged1.json", "truncated", f"rename it to {name}", "take the images out again"):
        assert part in known.trouble


def test_a_damaged_file_is_told_again_until_an_image_is_taken_out(folder: Path) -> None:
    take_out(session(folder), ONE)
    only_file(folder).write_text("")
    session(folder)
    known = session(folder)
    assert known.trouble is not None
    take_out(known, TWO)
    assert known.images == {TWO}
    assert known.trouble is None
    assert session(folder).trouble is None


def test_a_damaged_file_that_was_mended_counts_again(folder: Path) -> None:
    take_out(session(folder), ONE)
    file = only_file(folder)
    sound = file.read_text()
    file.write_text(sound[:-10])
    known = session(folder)
    aside = only_file(folder)
    aside.write_text(sound)
    aside.rename(file)
    known.look()
    assert known.images == {ONE}
    assert known.trouble is None


def test_damage_that_a_click_finds_is_told_before_anything_is_changed(folder: Path) -> None:
    known = session(folder)
    take_out(known, ONE)
    only_file(folder).write_text("x")
    take_out(known, TWO)
    assert known.images == frozenset()
    assert known.trouble is not None
    assert "damaged" in known.trouble


def test_a_list_that_cannot_be_written_stays_as_it_was_and_says_why(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    known = session(folder)
    take_out(known, ONE)
    with monkeypatch.context() as patched:
        patched.setattr("cocomine.system.files.os.fsync", full)
        take_out(known, TWO)
        known.undo()
    assert known.images == {ONE}
    assert known.trouble is not None
    for part in ("Nothing was changed", str(only_file(folder)), "No space left on device", "try again"):
        assert part in known.trouble
    known.undo()
    assert known.trouble is None
    assert known.images == frozenset()


def test_a_workspace_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    known = session(tmp_path / "home")
    take_out(known, ONE)
    assert known.images == frozenset()
    assert known.trouble is not None
    assert "Nothing was changed" in known.trouble


def test_a_list_that_cannot_be_read_stays_as_it_was_seen(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    known = session(folder)
    take_out(known, ONE)
    monkeypatch.setattr(sessions, "stamp_of", refused)
    assert not known.look()
    assert known.images == {ONE}
    assert known.trouble is not None
    assert "what was read last counts" in known.trouble
