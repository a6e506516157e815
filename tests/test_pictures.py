"""Bytes of pictures, and which are missing."""

import shutil
from pathlib import Path

from conftest import MakeDataset
from records import image

from cocomine.coco.dataset import Split
from cocomine.coco.pictures import missing_pictures, picture_bytes, picture_folders


def folder_of(split: Split) -> Path:
    assert split.image_folder is not None
    return split.image_folder


def test_each_picture_has_the_size_of_its_file(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1), image(2, "deep/in/a/folder.jpg")], []).splits
    paths = [split.image_path(index) for index in range(2)]
    assert picture_bytes(split).tolist() == [path.stat().st_size for path in paths if path is not None]


def test_a_missing_picture_takes_nothing(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1), image(2)], []).splits
    path = split.image_path(1)
    assert path is not None
    path.unlink()
    assert picture_bytes(split)[1] == 0


def test_without_an_image_folder_nothing_takes_space(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1)], [], pictures=False).splits
    assert picture_bytes(split).tolist() == [0]


def test_an_image_folder_that_is_gone_takes_nothing(make_dataset: MakeDataset) -> None:
    (split,) = make_dataset([image(1)], []).splits
    shutil.rmtree(folder_of(split))
    assert picture_bytes(split).tolist() == [0]
    assert missing_pictures(split).tolist() == [0]


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
    expected = [index for index in range(len(records)) if split.image_path(index) is None]
    assert missing_pictures(split).tolist() == expected


def test_picture_folders_are_those_whose_time_changes_with_a_file(make_dataset: MakeDataset) -> None:
    records = [image(1, "a.jpg"), image(2, "deep/in/b.jpg"), image(3, "deep/c.jpg"), image(4, "deep/d.jpg")]
    (split,) = make_dataset(records, []).splits
    folder = folder_of(split)
    outside = [*records, image(5, "../x.jpg"), image(6, "/etc/passwd")]
    (split,) = make_dataset(outside, [], pictures=False).splits
    assert picture_folders(split) == (folder, folder / "deep", folder / "deep" / "in")
