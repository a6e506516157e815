"""Bytes of pictures, and which are missing."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from datasets import MakeDataset
from records import image

from cocomine.coco.dataset import Split
from cocomine.coco.images_on_disk import FileState, file_states, folders_with_images, image_file_bytes, missing_images


def folder_of(split: Split) -> Path:
    assert split.image_folder is not None
    return split.image_folder


def test_each_picture_has_the_size_of_its_file(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1), image(2, "deep/in/a/folder.jpg")], []).splits
    paths = [split.image_at(index).path for index in range(2)]
    assert image_file_bytes(split).tolist() == [path.stat().st_size for path in paths if path is not None]


def test_a_missing_picture_takes_nothing(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1), image(2)], []).splits
    path = split.image_at(1).path
    assert path is not None
    path.unlink()
    assert image_file_bytes(split)[1] == 0


def test_without_an_image_folder_nothing_takes_space(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1)], [], pictures=False).splits
    assert image_file_bytes(split).tolist() == [0]


def test_an_image_folder_that_is_gone_takes_nothing(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1)], []).splits
    shutil.rmtree(folder_of(split))
    assert image_file_bytes(split).tolist() == [0]
    assert missing_images(split).tolist() == [0]


def test_missing_pictures_are_those_that_cannot_be_opened_one_by_one(make_dataset: MakeDataset) -> None:
    there = [image(1, "a.jpg"), image(2, "deep/in/b.jpg"), image(3, "deep/c.jpg"), image(4, "d.jpg")]
    (split,) = make_dataset(there, []).splits
    folder = folder_of(split)
    (folder / "deep" / "c.jpg").unlink()
    (folder / "d.jpg").rename(folder.parent / "d.jpg")
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    (folder / "broken.jpg").symlink_to(folder / "nowhere.jpg")
    odd = ["a.jpg/", "./a.jpg", "deep/../a.jpg", "../d.jpg", str(folder / "a.jpg"), str(folder.parent / "d.jpg")]
    odd += ["link.jpg", "broken.jpg", "deep", "", ".", "x\0.jpg", "x\0/y.jpg", "a" * 5000, "no/where.jpg"]
    records = [*there, *(image(number, name) for number, name in enumerate(odd, 10))]
    (split,) = make_dataset(records, [], pictures=False).splits
    assert split.image_folder == folder
    expected = [index for index in range(len(records)) if split.image_at(index).path is None]
    assert missing_images(split).tolist() == expected


def test_picture_folders_are_those_whose_time_changes_with_a_file(make_dataset: MakeDataset) -> None:
    records = [image(1, "a.jpg"), image(2, "deep/in/b.jpg"), image(3, "deep/c.jpg"), image(4, "deep/d.jpg")]
    (split,) = make_dataset(records, []).splits
    folder = folder_of(split)
    outside = [*records, image(5, "../x.jpg"), image(6, "/etc/passwd")]
    (split,) = make_dataset(outside, [], pictures=False).splits
    assert folders_with_images(split) == (folder, folder / "deep", folder / "deep" / "in")


@pytest.fixture
def linked(make_dataset: MakeDataset, tmp_path: Path) -> Split:
    """Images by name: a file, a link within the folder, one out of it, one into a linked folder, and loops."""
    names = ["plain.jpg", "within.jpg", "out.jpg", "deep/a.jpg", "loop.jpg", "dangling.jpg"]
    (split,) = make_dataset([image(number, name) for number, name in enumerate(names, 1)], []).splits
    folder, outside = folder_of(split), tmp_path / "outside"
    shutil.copytree(folder / "deep", outside)
    shutil.rmtree(folder / "deep")
    for name in names[1:3] + names[4:]:
        (folder / name).unlink()
    (folder / "within.jpg").symlink_to("plain.jpg")
    (folder / "out.jpg").symlink_to(outside / "a.jpg")
    (folder / "deep").symlink_to(outside)
    (folder / "loop.jpg").symlink_to(folder / "loop.jpg")
    (folder / "dangling.jpg").symlink_to(folder / "nowhere.jpg")
    return split


THERE, MISSING, LEADS_OUT = FileState.THERE, FileState.MISSING, FileState.LEADS_OUT


def test_a_link_out_of_the_image_folder_is_not_followed_and_hides_nothing(linked: Split) -> None:
    assert file_states(linked).tolist() == [THERE, THERE, LEADS_OUT, LEADS_OUT, MISSING, MISSING]
    assert [linked.image_at(index).path is not None for index in range(6)] == [True, True, False, False, False, False]
    assert (image_file_bytes(linked) > 0).tolist() == [True, True, False, False, False, False]


def test_a_link_into_a_folder_that_the_person_named_is_followed(linked: Split, tmp_path: Path) -> None:
    allowed = replace(linked, linked_folders=(tmp_path / "outside",))
    assert file_states(allowed).tolist() == [THERE, THERE, THERE, THERE, MISSING, MISSING]
    assert [allowed.image_at(index).path is not None for index in range(6)] == [True, True, True, True, False, False]


def test_the_image_folder_itself_may_be_a_link(linked: Split, tmp_path: Path) -> None:
    (tmp_path / "shortcut").symlink_to(folder_of(linked))
    through = replace(linked, image_folder=tmp_path / "shortcut")
    assert file_states(through).tolist() == file_states(linked).tolist()
    assert through.image_at(1).path == tmp_path / "shortcut" / "within.jpg"


def test_a_link_to_a_link_is_followed_to_its_end(linked: Split, tmp_path: Path) -> None:
    folder = folder_of(linked)
    (tmp_path / "outside" / "b.jpg").symlink_to("/etc/hostname")
    (folder / "out.jpg").unlink()
    (folder / "out.jpg").symlink_to(tmp_path / "outside" / "b.jpg")
    allowed = replace(linked, linked_folders=(tmp_path / "outside",))
    assert file_states(allowed)[2] == LEADS_OUT
    assert allowed.image_at(2).path is None


def test_a_folder_that_nobody_may_enter_makes_its_own_files_missing_alone(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1, "a.jpg"), image(2, "shut/b.jpg")], []).splits
    shut = folder_of(split) / "shut"
    shut.chmod(0)
    try:
        states = file_states(split).tolist()
    finally:
        shut.chmod(0o755)
    assert states[0] == THERE
    assert states[1] == (THERE if os.geteuid() == 0 else MISSING)  # to root nothing is shut
