"""Bytes of pictures."""

from conftest import MakeDataset
from records import image

from cocomine.coco.pictures import picture_bytes


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
