"""Pictures with one flaw each, and sound ones of every usual kind."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from datasets import MakeDataset
from image_bytes import deep_colours, huge
from PIL import ExifTags, Image
from records import HEIGHT, WIDTH, image

from cocomine.coco.integrity.image_files import (
    PICTURE_CODES,
    SAMPLED_FILES,
    picture_codes,
    picture_report,
    sampled_picture_report,
)
from cocomine.coco.size import Size

SIZE = (WIDTH, HEIGHT)
Made = Callable[[], bytes]


def saved(picture: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, format=kind, **more)
    return buffer.getvalue()


def plain(mode: str = "RGB", size: tuple[int, int] = SIZE) -> Image.Image:
    return Image.new(mode, size)


def noise() -> Image.Image:
    return Image.effect_noise(SIZE, 80).convert("RGB")


def turned(orientation: int, size: tuple[int, int]) -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return saved(plain(size=size), exif=exif)


ODD: dict[str, tuple[tuple[str, ...], Made]] = {
    "text.jpg": (("picture_unreadable",), lambda: b"no picture at all"),
    "empty.jpg": (("picture_unreadable",), lambda: b""),
    "cut.jpg": (("picture_unreadable",), lambda: saved(noise())[:-40]),
    "cut.png": (("picture_unreadable",), lambda: saved(noise(), "PNG")[:-40]),
    "cut.gif": (("picture_unreadable",), lambda: saved(noise(), "GIF")[:-300]),
    "huge.png": (("picture_size_differs", "picture_too_large"), huge),
    "small.jpg": (("picture_size_differs",), lambda: saved(plain(size=(WIDTH // 2, HEIGHT // 2)))),
    "across.jpg": (("picture_size_differs",), lambda: saved(plain(size=SIZE[::-1]))),
    "turned.jpg": (("exif_rotation",), lambda: turned(6, SIZE[::-1])),
    "upside-down.jpg": (("picture_size_differs",), lambda: turned(3, SIZE[::-1])),
    "grey.jpg": (("grey_picture",), lambda: saved(plain("L"))),
    "grey.png": (("grey_picture",), lambda: saved(plain("1"), "PNG")),
    "print.jpg": (("cmyk_picture",), lambda: saved(plain("CMYK"))),
    "table.png": (("palette_picture",), lambda: saved(plain("P"), "PNG")),
    "clear.png": (("transparent_picture",), lambda: saved(plain("RGBA"), "PNG")),
    "clear-grey.png": (("grey_picture", "transparent_picture"), lambda: saved(plain("LA"), "PNG")),
    "clear-table.png": (("palette_picture", "transparent_picture"), lambda: saved(plain("P"), "PNG", transparency=0)),
    "deep.png": (("deep_picture",), lambda: saved(plain("I;16"), "PNG")),
    "deep.tif": (("deep_picture",), lambda: saved(plain("F"), "TIFF")),
    "deep-colours.png": (("deep_picture",), deep_colours),
    "moving.gif": (
        ("palette_picture", "animated_picture"),
        lambda: saved(plain("P"), "GIF", save_all=True, append_images=[noise()]),
    ),
}
SOUND: dict[str, Made] = {
    "plain.jpg": lambda: saved(noise()),
    "plain.png": lambda: saved(noise(), "PNG"),
    "plain.bmp": lambda: saved(noise(), "BMP"),
    "plain.webp": lambda: saved(noise(), "WEBP"),
    "more behind its end.jpg": lambda: saved(noise()) + b"camera notes",
    "to be turned, as stored.jpg": lambda: turned(6, SIZE),
    "named otherwise.jpg": lambda: saved(noise(), "PNG"),
}


def test_every_code_has_its_picture() -> None:
    assert {code for codes, _ in ODD.values() for code in codes} == set(PICTURE_CODES)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_has_exactly_its_flaws(tmp_path: Path, name: str) -> None:
    codes, make = ODD[name]
    (tmp_path / name).write_bytes(make())
    assert picture_codes(tmp_path / name, Size(HEIGHT, WIDTH)) == codes


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_picture_has_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SOUND[name]())
    assert picture_codes(tmp_path / name, Size(HEIGHT, WIDTH)) == ()


def test_pictures_are_counted_by_flaw_and_can_be_looked_at(make_dataset: MakeDataset) -> None:
    names = ["a.jpg", "b.jpg", "c.jpg", "gone.jpg"]
    dataset = make_dataset([image(number, name) for number, name in enumerate(names, 1)], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    (folder / "b.jpg").write_bytes(ODD["text.jpg"][1]())
    (folder / "c.jpg").write_bytes(ODD["grey.jpg"][1]())
    (folder / "gone.jpg").unlink()
    found = [(each.code, each.examples, each.images) for each in picture_report(dataset, _silent)]
    assert found == [
        ("picture_unreadable", ("b.jpg",), ()),  # there is nothing to show
        ("grey_picture", ("c.jpg",), (("all2017", 3),)),
    ]


def test_it_tells_how_far_it_is_up_to_the_end(make_dataset: MakeDataset) -> None:
    told: list[tuple[int, int]] = []
    picture_report(make_dataset(), lambda done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, 4), (4, 4))


def test_without_pictures_there_is_nothing_to_look_into(make_dataset: MakeDataset) -> None:
    assert picture_report(make_dataset(pictures=False), _silent) == []


@pytest.mark.real
def test_the_real_pictures_are_sound_and_two_are_grey(coco_folder: Path) -> None:
    from cocomine.coco.reading.open_dataset import open_dataset

    found = [(each.code, each.count) for each in picture_report(open_dataset(coco_folder), _silent)]
    assert found == [("grey_picture", 2)]


def _silent(_done: int, _total: int) -> None:
    """Nobody looks."""


def test_a_sample_spread_over_the_file_tells_what_is_odd_and_of_how_many(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(number, f"{number}.png") for number in range(1, 201)], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    for number in range(101, 201):
        (folder / f"{number}.png").write_bytes(ODD["deep.png"][1]())
    (found,) = sampled_picture_report(dataset)
    assert (found.code, found.count) == ("deep_picture", SAMPLED_FILES // 2)
    assert f"Found in {found.count} of the {SAMPLED_FILES} image files looked at, of 200." in found.message


def test_a_sample_that_holds_every_image_is_not_called_one(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1, "a.png")], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    (folder / "a.png").write_bytes(ODD["huge.png"][1]())
    found = sampled_picture_report(dataset)
    assert [each.code for each in found] == ["picture_too_large", "picture_size_differs"]
    assert not any("looked at" in each.message for each in found)


def test_without_images_the_sample_is_empty(make_dataset: MakeDataset) -> None:
    assert sampled_picture_report(make_dataset([], [])) == []
    assert sampled_picture_report(make_dataset(pictures=False)) == []
