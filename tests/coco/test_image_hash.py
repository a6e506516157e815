"""An image keeps its 64 bits when it is scaled, saved again or without colour, and each image has its own."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageEnhance

from cocomine.coco.image_hash import READ_AT_ONCE, image_hash, image_hashes
from cocomine.errors import UnreadableImage
from cocomine.system.jobs import JobCancelled

MOST_CHANGED, FEWEST_APART = 4, 8
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "half": lambda image: image.resize((image.width // 2, image.height // 2)),
    "square": lambda image: image.resize((128, 128)),
    "gray": lambda image: image.convert("L"),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.2),
}


def scene(seed: int) -> Image.Image:
    """Soft patches of colour, as a photograph that is out of focus."""
    noise = np.random.default_rng(seed).integers(40, 200, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((320, 240), Image.Resampling.BICUBIC)


def saved(image: Image.Image, path: Path, quality: int = 95) -> Path:
    image.save(path, format="JPEG", quality=quality)
    return path


def differing_bits(one: int, other: int) -> int:
    return (one ^ other).bit_count()


def untold(done: int, total: int) -> None:
    """Progress that nobody looks at."""


def test_a_bit_says_whether_a_pixel_is_brighter_than_the_one_at_its_left(tmp_path: Path) -> None:
    rows = np.tile(np.arange(0, 180, 20, dtype=np.uint8), (8, 1))
    rows[1] = rows[1, ::-1]
    rows[2] = 7
    rows[3] = [0, 9, 0, 9, 0, 9, 0, 9, 0]
    Image.fromarray(rows).resize((90, 80), Image.Resampling.NEAREST).save(tmp_path / "steps.png")
    bits = image_hash(tmp_path / "steps.png").to_bytes(8, "big")
    assert list(bits) == [0xFF, 0, 0, 0b10101010, 0xFF, 0xFF, 0xFF, 0xFF]


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_a_changed_copy_keeps_nearly_all_bits(tmp_path: Path, change: str) -> None:
    for seed in range(5):
        one = image_hash(saved(scene(seed), tmp_path / "one.jpg"))
        other = image_hash(saved(CHANGES[change](scene(seed)), tmp_path / "other.jpg", quality=40))
        assert differing_bits(one, other) <= MOST_CHANGED


def test_other_images_have_other_bits(tmp_path: Path) -> None:
    hashes = [image_hash(saved(scene(seed), tmp_path / "scene.jpg")) for seed in range(12)]
    pairs = [(one, other) for place, one in enumerate(hashes) for other in hashes[:place]]
    assert min(differing_bits(*pair) for pair in pairs) >= FEWEST_APART


def test_a_file_that_is_no_image_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no image")
    with pytest.raises(UnreadableImage, match="it is no image of a known kind"):
        image_hash(tmp_path / "a.jpg")


def test_many_files_come_in_their_order_and_those_that_cannot_be_read_as_none(tmp_path: Path) -> None:
    paths = [saved(scene(seed), tmp_path / f"{seed}.jpg") for seed in range(3)]
    (tmp_path / "odd.jpg").write_bytes(b"no image")
    told: list[tuple[int, int]] = []
    hashes = image_hashes([*paths, None, tmp_path / "odd.jpg"], lambda done, total: told.append((done, total)))
    assert hashes == (*map(image_hash, paths), None, None)
    assert told == [(0, 5), (5, 5)]


def test_a_cancelled_reading_ends_at_the_next_look(tmp_path: Path) -> None:
    path, told = saved(scene(0), tmp_path / "a.jpg"), []

    def cancelled(done: int, _: int) -> None:
        told.append(done)
        if done:
            raise JobCancelled

    with pytest.raises(JobCancelled):
        image_hashes([path] * (3 * READ_AT_ONCE), cancelled)
    assert told == [0, READ_AT_ONCE]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
