"""Which small picture stands for a class, and how the pictures are kept."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeDataset
from PIL import Image
from records import Record, annotation, category, crowd, image

from cocomine.coco.dataset import Dataset
from cocomine.coco.size import Size
from cocomine.drawing.thumbnails import (
    COLUMN_COUNT,
    SIDE_PX,
    TILE_COUNT,
    Instance,
    Square,
    best_instances,
    cut_out,
    square_around,
    thumbnails,
)
from cocomine.workers.class_thumbnails import KEPT_FILES, as_bytes, file_of, kept_or_cut

BIG: Record = {"width": 200, "height": 100}
CAR = (category(1, "car"),)
RED, GREEN = (220, 30, 30), (30, 200, 60)


def unheard(_: int, __: int) -> None:
    """Take a report and do nothing."""


def cars(make_dataset: MakeDataset, *boxes: tuple[float, float, float, float], **more: Any) -> Dataset:
    """One 200 x 100 image with these boxes of the class car."""
    records = [annotation(index, 1, 1, box, **more) for index, box in enumerate(boxes, start=1)]
    return make_dataset([image(1, "a.png", **BIG)], records, CAR)


def paint(dataset: Dataset, *, name: str = "a.png", mode: str = "RGB", **save: Any) -> None:
    """Red left half, green right half, with fine stripes so that there is contrast."""
    picture = Image.new("RGB", (200, 100), RED)
    picture.paste(GREEN, (100, 0, 200, 100))
    picture.paste((0, 0, 0), (0, 0, 200, 8))
    folder = dataset.splits[0].image_folder
    assert folder is not None
    picture.convert(mode).save(folder / name, **save)


def colour_at(picture: Image.Image, x: float, y: float) -> tuple[int, ...]:
    pixel = picture.getpixel((round(x * picture.width), round(y * picture.height)))
    assert isinstance(pixel, tuple)
    return pixel


def is_like(colour: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return max(abs(one - other) for one, other in zip(colour, wanted, strict=True)) < 40


def chosen(dataset: Dataset) -> list[int]:
    """The annotations that show the first class, the best first."""
    return [instance.annotation_index for instance in best_instances(dataset)[0]]


def test_a_box_of_good_size_and_shape_comes_before_slivers_specks_and_giants(make_dataset: MakeDataset) -> None:
    dataset = cars(make_dataset, (20, 20, 150, 6), (90, 50, 3, 3), (2, 2, 195, 95), (60, 30, 44, 40))
    assert chosen(dataset)[0] == 3


def test_a_box_at_the_edge_of_its_image_comes_after_a_whole_one(make_dataset: MakeDataset) -> None:
    assert chosen(cars(make_dataset, (0, 30, 40, 40), (60, 30, 40, 40))) == [1, 0]


def test_an_object_that_hides_behind_others_comes_after_a_whole_one(make_dataset: MakeDataset) -> None:
    dataset = make_dataset(
        [image(1, **BIG)],
        [annotation(1, 1, 1, (20, 30, 40, 40), area=160), annotation(2, 1, 1, (100, 30, 40, 40))],
        CAR,
    )
    assert chosen(dataset) == [1, 0]


def test_an_image_with_little_in_it_comes_before_a_crowded_one(make_dataset: MakeDataset) -> None:
    others = [annotation(index, 1, 2, (150, 70, 20, 20)) for index in range(10, 40)]
    here, there = annotation(1, 1, 1, (60, 30, 40, 40)), annotation(2, 2, 1, (60, 30, 40, 40))
    dataset = make_dataset([image(1, **BIG), image(2, **BIG)], [here, there, *others], (*CAR, category(2, "bus")))
    assert chosen(dataset) == [1, 0]


def test_a_crowd_region_is_shown_only_where_there_is_nothing_else(make_dataset: MakeDataset) -> None:
    speck = annotation(2, 1, 1, (5, 5, 1, 1))
    assert chosen(make_dataset([image(1)], [crowd(1, 1, 1), speck], CAR)) == [1, 0]


def test_a_class_without_an_annotation_a_box_or_a_picture_has_no_candidate(make_dataset: MakeDataset) -> None:
    boxless = annotation(1, 1, 1)
    del boxless["bbox"]
    lost = annotation(2, 2, 2)
    dataset = make_dataset(
        [image(1), image(2, "gone.jpg")], [boxless, lost], [category(number, str(number)) for number in (1, 2, 3)]
    )
    path = dataset.splits[0].image_at(1).path
    assert path is not None
    path.unlink()
    assert best_instances(dataset) == [[], [], []]


def test_every_split_is_looked_through(four_images: Dataset) -> None:
    twice = Dataset(path=four_images.path, categories=four_images.categories, splits=four_images.splits * 2)
    assert {instance.split_index for instance in best_instances(twice)[0]} == {0, 1}
    assert best_instances(twice)[0][0] == Instance(0, best_instances(four_images)[0][0].annotation_index)


def test_the_square_is_the_box_with_a_margin() -> None:
    assert square_around((80, 40, 40, 20), Size(300, 400)) == Square(75, 25, 50)


def test_the_square_is_moved_and_shrunk_into_the_image() -> None:
    assert square_around((0, 0, 40, 40), Size(300, 400)) == Square(0, 0, 50)
    assert square_around((380, 280, 40, 40), Size(300, 400)) == Square(350, 250, 50)
    assert square_around((0, 0, 400, 300), Size(300, 400)) == Square(50, 0, 300)


def test_a_box_of_one_pixel_is_shown_with_what_is_around_it() -> None:
    assert square_around((100, 50, 1, 1), Size(300, 400)) == Square(88.5, 38.5, 24)
    assert square_around((1, 1, 1, 1), Size(9, 5)) == Square(0, 0, 5)


def test_the_box_is_cut_from_the_picture(make_dataset: MakeDataset) -> None:
    dataset = cars(make_dataset, (30, 40, 30, 30), (85, 40, 30, 30))
    paint(dataset)
    left, middle = (cut_out(dataset.splits[0], index, side_px=64) for index in (0, 1))
    assert left is not None
    assert middle is not None
    assert left.size == middle.size == (64, 64)
    assert is_like(colour_at(left, 0.9, 0.5), RED)
    assert is_like(colour_at(middle, 0.1, 0.5), RED)
    assert is_like(colour_at(middle, 0.9, 0.5), GREEN)


@pytest.mark.parametrize(
    ("mode", "form"), [("RGBA", "PNG"), ("CMYK", "JPEG"), ("P", "PNG"), ("L", "JPEG"), ("LA", "PNG")]
)
def test_pictures_of_other_colour_spaces_are_cut_too(make_dataset: MakeDataset, mode: str, form: str) -> None:
    dataset = cars(make_dataset, (85, 40, 30, 30))
    paint(dataset, mode=mode, format=form)
    picture = cut_out(dataset.splits[0], 0, side_px=64)
    assert picture is not None
    assert picture.mode == "RGB"
    if not mode.startswith("L"):
        assert is_like(colour_at(picture, 0.9, 0.5), GREEN)


def test_the_rotation_that_a_camera_noted_is_not_applied(make_dataset: MakeDataset) -> None:
    dataset = cars(make_dataset, (85, 40, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn
    paint(dataset, format="JPEG", exif=exif, quality=95)
    picture = cut_out(dataset.splits[0], 0, side_px=64)
    assert picture is not None
    assert is_like(colour_at(picture, 0.1, 0.5), RED)
    assert is_like(colour_at(picture, 0.9, 0.5), GREEN)


def test_a_picture_of_another_size_than_the_file_says_is_cut_in_proportion(make_dataset: MakeDataset) -> None:
    dataset = cars(make_dataset, (85, 40, 30, 30))
    paint(dataset)
    path = dataset.splits[0].image_at(0).path
    assert path is not None
    with Image.open(path) as picture:
        picture.resize((50, 25)).save(path)
    small = cut_out(dataset.splits[0], 0, side_px=64)
    assert small is not None
    assert is_like(colour_at(small, 0.1, 0.6), RED)
    assert is_like(colour_at(small, 0.9, 0.6), GREEN)


def test_a_missing_or_damaged_picture_gives_none(make_dataset: MakeDataset) -> None:
    dataset = cars(make_dataset, (85, 40, 30, 30))
    path = dataset.splits[0].image_at(0).path
    assert path is not None
    path.write_bytes(path.read_bytes()[:60])
    assert cut_out(dataset.splits[0], 0, side_px=64) is None
    path.unlink()
    assert cut_out(dataset.splits[0], 0, side_px=64) is None


def test_the_next_candidate_stands_in_for_a_damaged_or_black_picture(make_dataset: MakeDataset) -> None:
    names = ("a.png", "b.png", "c.png")
    records = [annotation(index, index, 1, (80 - index, 30, 40, 40)) for index in (1, 2, 3)]
    dataset = make_dataset([image(i, name, **BIG) for i, name in enumerate(names, start=1)], records, CAR)
    paths = [dataset.splits[0].image_at(instance.annotation_index).path for instance in best_instances(dataset)[0]]
    assert len([path for path in paths if path]) == 3
    damaged, black, clear = (path for path in paths if path)
    damaged.write_bytes(b"no picture")
    Image.new("RGB", (200, 100)).save(black)
    paint(dataset, name=clear.name)
    sheet = Image.open(io.BytesIO(thumbnails(dataset, unheard).sheets[0]))
    assert is_like(sheet.getpixel((SIDE_PX - 12, SIDE_PX // 2)), GREEN)  # type: ignore[arg-type]  # a triple


def test_the_sheets_hold_the_classes_that_have_a_picture_in_order(make_dataset: MakeDataset) -> None:
    names = [f"class {index}" for index in range(205)]
    categories = [category(index + 1, name) for index, name in enumerate(names)]
    records = [annotation(index, 1, index, (4, 2, 6, 6)) for index in range(1, 206) if index != 2]
    made = thumbnails(make_dataset([image(1)], records, categories), unheard)
    assert made.names == tuple(name for name in names if name != "class 1")
    sizes = [Image.open(io.BytesIO(sheet)).size for sheet in made.sheets]
    whole = (COLUMN_COUNT * made.side_px, TILE_COUNT // COLUMN_COUNT * made.side_px)
    assert sizes == [whole, whole, (COLUMN_COUNT * made.side_px, made.side_px)]


def test_a_dataset_without_pictures_has_no_sheet(make_dataset: MakeDataset) -> None:
    made = thumbnails(make_dataset(pictures=False), unheard)
    assert (made.names, made.sheets) == ((), ())


def test_the_same_dataset_gives_the_same_bytes(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    assert as_bytes(thumbnails(dataset, unheard)) == as_bytes(thumbnails(dataset, unheard))


def test_progress_is_reported_class_by_class(four_images: Dataset) -> None:
    heard: list[tuple[int, int]] = []
    thumbnails(four_images, lambda done, total: heard.append((done, total)))
    assert heard == [(0, 3), (1, 3), (2, 3)]


def test_pictures_are_kept_on_disk_for_the_next_start(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset, path = make_dataset(), file_of(tmp_path / "kept", "a key")
    first = kept_or_cut(path, dataset, unheard)
    for picture in (dataset.splits[0].image_at(index).path for index in range(4)):
        assert picture is not None
        picture.unlink()
    assert kept_or_cut(path, dataset, unheard) == first
    assert kept_or_cut(file_of(tmp_path / "kept", "another key"), dataset, unheard) != first


@pytest.mark.parametrize("damage", [b"", b"nonsense", b"0" * 64 + b"\n{}\n"])
def test_a_damaged_file_is_written_anew(make_dataset: MakeDataset, tmp_path: Path, damage: bytes) -> None:
    dataset, path = make_dataset(), file_of(tmp_path, "a key")
    path.write_bytes(damage)
    packed = kept_or_cut(path, dataset, unheard)
    assert path.read_bytes() == packed == as_bytes(thumbnails(dataset, unheard))


def test_a_workspace_that_cannot_be_written_is_no_error(make_dataset: MakeDataset, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder should be")
    assert kept_or_cut(file_of(tmp_path / "taken", "a key"), make_dataset(), unheard)


def test_only_the_newest_files_are_kept(make_dataset: MakeDataset, tmp_path: Path) -> None:
    dataset = make_dataset()
    for key in range(KEPT_FILES + 3):
        kept_or_cut(file_of(tmp_path, key), dataset, unheard)
    assert len(list(tmp_path.glob("*.thumbnails"))) == KEPT_FILES
    assert file_of(tmp_path, KEPT_FILES + 2).is_file()


def test_other_images_give_another_digest(make_dataset: MakeDataset) -> None:
    dataset = make_dataset()
    packed = as_bytes(thumbnails(dataset, unheard))
    folder = dataset.splits[0].image_folder
    assert folder is not None
    noise = np.random.default_rng(0).integers(0, 255, (10, 20, 3), dtype=np.uint8)
    Image.fromarray(noise).save(folder / "a.jpg")
    Image.fromarray(noise).save(folder / "b.jpg")
    assert packed[:64] != as_bytes(thumbnails(dataset, unheard))[:64]


@pytest.mark.real
def test_every_class_of_coco_has_a_picture_and_all_together_are_small(coco_folder: Path) -> None:
    from cocomine.coco.reading.open_dataset import open_dataset

    dataset = open_dataset(coco_folder)
    made = thumbnails(dataset, unheard)
    assert made.names == dataset.category_names
    assert len(as_bytes(made)) < 400_000
