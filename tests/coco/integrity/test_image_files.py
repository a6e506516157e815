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
    IMAGE_FLAW_CODES,
    SAMPLED_FILES,
    image_file_report,
    image_flaw_codes,
    sampled_image_file_report,
    spoiling_sentences,
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
    "text.jpg": (("image_unreadable",), lambda: b"no picture at all"),
    "empty.jpg": (("image_unreadable",), lambda: b""),
    "cut.jpg": (("image_unreadable",), lambda: saved(noise())[:-40]),
    "cut.png": (("image_unreadable",), lambda: saved(noise(), "PNG")[:-40]),
    "cut.gif": (("image_unreadable",), lambda: saved(noise(), "GIF")[:-300]),
    "huge.png": (("image_size_differs", "image_too_large"), huge),
    "small.jpg": (("image_size_differs",), lambda: saved(plain(size=(WIDTH // 2, HEIGHT // 2)))),
    "across.jpg": (("image_size_differs",), lambda: saved(plain(size=SIZE[::-1]))),
    "turned.jpg": (("exif_rotation",), lambda: turned(6, SIZE[::-1])),
    "half turned.jpg": (("exif_orientation",), lambda: turned(3, SIZE)),
    "mirrored.jpg": (("exif_orientation",), lambda: turned(2, SIZE)),
    "upside-down.jpg": (("image_size_differs",), lambda: turned(3, SIZE[::-1])),
    "grey.jpg": (("grayscale_image",), lambda: saved(plain("L"))),
    "grey.png": (("grayscale_image",), lambda: saved(plain("1"), "PNG")),
    "print.jpg": (("cmyk_image",), lambda: saved(plain("CMYK"))),
    "table.png": (("palette_image",), lambda: saved(plain("P"), "PNG")),
    "clear.png": (("transparent_image",), lambda: saved(plain("RGBA"), "PNG")),
    "clear-grey.png": (("grayscale_image", "transparent_image"), lambda: saved(plain("LA"), "PNG")),
    "clear-table.png": (("palette_image", "transparent_image"), lambda: saved(plain("P"), "PNG", transparency=0)),
    "deep.png": (("deep_image",), lambda: saved(plain("I;16"), "PNG")),
    "deep.tif": (("deep_image",), lambda: saved(plain("F"), "TIFF")),
    "deep-colours.png": (("deep_image",), deep_colours),
    "moving.gif": (
        ("palette_image", "animated_image"),
        lambda: saved(plain("P"), "GIF", save_all=True, append_images=[noise()]),
    ),
}
SOUND: dict[str, Made] = {
    "plain.jpg": lambda: saved(noise()),
    "upright.jpg": lambda: turned(1, SIZE),
    "plain.png": lambda: saved(noise(), "PNG"),
    "plain.bmp": lambda: saved(noise(), "BMP"),
    "plain.webp": lambda: saved(noise(), "WEBP"),
    "more behind its end.jpg": lambda: saved(noise()) + b"camera notes",
    "to be turned, as stored.jpg": lambda: turned(6, SIZE),
    "named otherwise.jpg": lambda: saved(noise(), "PNG"),
}


def test_every_code_has_its_picture() -> None:
    assert {code for codes, _ in ODD.values() for code in codes} == set(IMAGE_FLAW_CODES)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_picture_has_exactly_its_flaws(tmp_path: Path, name: str) -> None:
    codes, make = ODD[name]
    (tmp_path / name).write_bytes(make())
    assert image_flaw_codes(tmp_path / name, Size(HEIGHT, WIDTH)) == codes


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_picture_has_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(SOUND[name]())
    assert image_flaw_codes(tmp_path / name, Size(HEIGHT, WIDTH)) == ()


def test_pictures_are_counted_by_flaw_and_can_be_looked_at(make_dataset: MakeDataset) -> None:
    names = ["a.jpg", "b.jpg", "c.jpg", "gone.jpg"]
    dataset = make_dataset([image(number, name) for number, name in enumerate(names, 1)], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    (folder / "b.jpg").write_bytes(ODD["text.jpg"][1]())
    (folder / "c.jpg").write_bytes(ODD["grey.jpg"][1]())
    (folder / "gone.jpg").unlink()
    found = [(each.code, each.examples, each.images) for each in image_file_report(dataset, _silent)]
    assert found == [
        ("image_unreadable", ("b.jpg",), ()),  # there is nothing to show
        ("grayscale_image", ("c.jpg",), (("all2017", 3),)),
    ]


def test_it_tells_how_far_it_is_up_to_the_end(make_dataset: MakeDataset) -> None:
    told: list[tuple[int, int]] = []
    image_file_report(make_dataset(), lambda done, total: told.append((done, total)))
    assert (told[0], told[-1]) == ((0, 4), (4, 4))


def test_without_pictures_there_is_nothing_to_look_into(make_dataset: MakeDataset) -> None:
    assert image_file_report(make_dataset(pictures=False), _silent) == []


@pytest.mark.real
def test_the_real_pictures_are_sound_and_two_are_grey(coco_folder: Path) -> None:
    from cocomine.coco.reading.open_dataset import open_dataset

    found = [(each.code, each.count) for each in image_file_report(open_dataset(coco_folder), _silent)]
    assert found == [("grayscale_image", 2)]


def _silent(_done: int, _total: int) -> None:
    """Nobody looks."""


def test_a_sample_spread_over_the_file_tells_what_is_odd_and_of_how_many(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(number, f"{number}.png") for number in range(1, 201)], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    for number in range(101, 201):
        (folder / f"{number}.png").write_bytes(ODD["deep.png"][1]())
    (found,) = sampled_image_file_report(dataset)
    assert (found.code, found.count) == ("deep_image", SAMPLED_FILES // 2)
    assert f"Found in {found.count} of the {SAMPLED_FILES} image files looked at, of 200." in found.message


def test_a_sample_that_holds_every_image_is_not_called_one(make_dataset: MakeDataset) -> None:
    dataset = make_dataset([image(1, "a.png")], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    (folder / "a.png").write_bytes(ODD["huge.png"][1]())
    found = sampled_image_file_report(dataset)
    assert [each.code for each in found] == ["image_too_large", "image_size_differs"]
    assert not any("looked at" in each.message for each in found)


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (saved(noise())[:-20], "Unreadable images"),
        (saved(noise(), "PNG")[:-40], "Unreadable images"),
        (saved(plain(size=(HEIGHT, WIDTH))), "Images of another size"),
    ],
)
def test_what_spoils_a_training_unseen_is_told_before_an_export(
    make_dataset: MakeDataset, data: bytes, title: str
) -> None:
    dataset = make_dataset([image(1, "a.jpg"), image(2, "b.jpg")], [])
    folder = dataset.splits[0].image_folder
    assert folder is not None
    assert spoiling_sentences(dataset) == []
    (folder / "b.jpg").write_bytes(data)
    (told,) = spoiling_sentences(dataset)
    assert told.startswith(f"{title}: 1 in all2017. ")


def test_without_images_the_sample_is_empty(make_dataset: MakeDataset) -> None:
    assert sampled_image_file_report(make_dataset([], [])) == []
    assert sampled_image_file_report(make_dataset(pictures=False)) == []
