"""One reader of image files: every kind, within a bounded amount of memory, and nothing but its own error."""

import io
import os
import random
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_bytes import deep_colours, huge, png
from PIL import Image

from cocomine.coco import image_file
from cocomine.coco.image_file import MOST_BYTES, ROOM_BYTES, image_size, is_image_file, read_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.system.subprocesses import with_this_package

MUTATED = 240
KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "a.jpg": ("RGB", "JPEG", {}),
    "b.jpg": ("CMYK", "JPEG", {}),
    "c.jpg": ("L", "JPEG", {"progressive": True}),
    "d.png": ("RGBA", "PNG", {}),
    "e.png": ("P", "PNG", {}),
    "f.png": ("I;16", "PNG", {}),
    "g.tif": ("RGB", "TIFF", {"compression": "tiff_lzw"}),
    "h.tif": ("F", "TIFF", {}),
    "i.gif": ("P", "GIF", {}),
    "j.webp": ("RGB", "WEBP", {}),
    "k.bmp": ("RGB", "BMP", {}),
    "l.ppm": ("RGB", "PPM", {}),
}


def encoded(mode: str, kind: str, more: dict[str, Any], size: tuple[int, int] = (61, 47)) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0]), dtype=np.uint8)
    grey = Image.fromarray(noise)
    image = Image.fromarray(noise.astype(np.uint16) * 16) if mode == "I;16" else grey.convert("RGB").convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, format=kind, **more)
    return buffer.getvalue()


@pytest.fixture(params=KINDS)
def sound(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / str(request.param)
    path.write_bytes(encoded(*KINDS[path.name]))
    return path


def test_every_kind_of_image_comes_in_colour_and_in_its_size(sound: Path) -> None:
    image = read_image(sound)
    assert (image.mode, image.size, image_size(sound)) == ("RGB", (61, 47), Size(47, 61))


@pytest.mark.parametrize("name", ["a.jpg", "b.jpg", "d.png", "e.png", "g.tif", "j.webp"])
def test_what_has_256_levels_is_as_pillow_converts_it(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(encoded(*KINDS[name]))
    with Image.open(tmp_path / name) as image:
        expected = np.asarray(image.convert("RGB"))
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / name)), expected)


def test_an_image_that_is_converted_in_strips_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d.png").write_bytes(encoded(*KINDS["d.png"]))
    whole = np.asarray(read_image(tmp_path / "d.png", at_least=Size(10, 10)))
    monkeypatch.setattr(image_file, "STRIP_PX", 200)
    np.testing.assert_array_equal(np.asarray(read_image(tmp_path / "d.png", at_least=Size(10, 10))), whole)


def test_a_large_image_comes_reduced_and_never_below_what_is_wanted(sound: Path) -> None:
    image = read_image(sound, at_least=Size(10, 12))
    assert (12, 10) <= image.size < (61, 47)
    assert image.height >= 10


def grey16(path: Path, values: np.ndarray, kind: str = "PNG") -> Path:
    Image.fromarray(values).save(path, format=kind)
    return path


@pytest.mark.parametrize(
    ("highest", "shown"), [(255, 255), (256, 128), (3499, 218), (4095, 255), (65535, 255), (0, 0), (7, 7)]
)
def test_16_bits_are_divided_by_the_smallest_power_of_two_that_fits(tmp_path: Path, highest: int, shown: int) -> None:
    values = np.array([[0, highest // 2, highest]], dtype=np.uint16)
    image = np.asarray(read_image(grey16(tmp_path / "x.png", values)))
    assert image[0, 2].tolist() == [shown] * 3
    assert abs(int(image[0, 1, 0]) - shown // 2) <= 1


@pytest.mark.parametrize("kind", [">u2", "<u2", "<i4", "<f4"])
def test_deep_tiff_files_of_either_byte_order_are_scaled_alike(tmp_path: Path, kind: str) -> None:
    image = Image.fromarray(np.array([[0, 1000, 4000]], dtype=kind))
    image.save(tmp_path / "x.tif")
    assert np.asarray(read_image(tmp_path / "x.tif"))[0, :, 0].tolist() == [0, 62, 250]


def test_real_numbers_from_0_to_1_become_0_to_255_and_nan_is_black(tmp_path: Path) -> None:
    grey16(tmp_path / "x.tif", np.array([[0.0, 0.5, 1.0, np.nan, -1.0]], dtype=np.float32), "TIFF")
    assert np.asarray(read_image(tmp_path / "x.tif"))[0, :, 0].tolist() == [0, 127, 255, 0, 0]


def test_real_numbers_up_to_255_stay_what_they_are(tmp_path: Path) -> None:
    grey16(tmp_path / "x.tif", np.array([[48.3, 204.9]], dtype=np.float32), "TIFF")
    assert np.asarray(read_image(tmp_path / "x.tif"))[0, :, 0].tolist() == [48, 204]


def test_12_bits_in_16_for_each_of_three_colours_are_not_black(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(deep_colours())  # 4095, 16, 1792 of 65535
    assert np.asarray(read_image(tmp_path / "x.png"))[0, 0].tolist() == [240, 0, 112]


def test_an_image_that_would_take_too_much_is_refused_with_its_size_and_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(huge())
    with pytest.raises(UnreadableImage, match=r"x.png: .*20,000 x 20,000 pixels take 1,6.. MB.*may take 436 MB.*JPEG"):
        read_image(tmp_path / "x.png", at_least=Size(100, 100))
    assert is_image_file(tmp_path / "x.png")


PEAK = """
import resource, sys
from pathlib import Path
from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
read_image(Path(sys.argv[1]), at_least=Size(64, 64))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
width = read_image(Path(sys.argv[2]), at_least=Size(128, 128)).width
print(width, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no `resource`")
@pytest.mark.parametrize(("name", "most_mib"), [("x.jpg", 40), ("x.png", 200)])
def test_169_million_pixels_take_no_more_than_their_format_needs(tmp_path: Path, name: str, most_mib: int) -> None:
    Image.new("L", (64, 64)).save(tmp_path / f"small{name[1:]}")
    Image.new("L", (13_000, 13_000), 90).save(tmp_path / name, compress_level=1)
    command = [sys.executable, "-c", PEAK, str(tmp_path / f"small{name[1:]}"), str(tmp_path / name)]
    done = subprocess.run(command, capture_output=True, text=True, env=with_this_package({}), check=True)
    width, peak_kib = map(int, done.stdout.split())
    assert width >= 128
    assert peak_kib < most_mib << 10


@pytest.mark.parametrize(
    ("kind", "more", "bytes_per_px"),
    [
        ("PNG", {}, 4),
        ("TIFF", {}, 4),
        ("TIFF", {"compression": "tiff_adobe_deflate", "strip_size": 1 << 30}, 8),
        ("WEBP", {}, 16),
        ("JPEG", {"progressive": True}, 3),
        ("JPEG", {"progressive": True, "subsampling": 0}, 6),
    ],
)
def test_what_an_image_takes_is_known_from_its_header(
    tmp_path: Path, kind: str, more: dict[str, Any], bytes_per_px: float
) -> None:
    """The numbers are peaks of memory measured at 20 million pixels with Pillow 13."""
    Image.new("RGB", (1600, 1200), 90).save(tmp_path / "x", format=kind, **more)
    with image_file.opened_image(tmp_path / "x") as image:
        image.draft(None, (1, 1))
        need = image_file._decoded_bytes(image, Size(1200, 1600))
    assert bytes_per_px <= need / (1600 * 1200) <= bytes_per_px + 0.5


def test_all_threads_together_hold_no_more_than_there_is_room_for() -> None:
    held, most, lock = 0, 0, threading.Lock()
    room = image_file._Room(ROOM_BYTES)

    def work(size: int) -> None:
        nonlocal held, most
        with room.taken(size):
            with lock:
                held += size
                most = max(most, held)
            threading.Event().wait(0.002)
            with lock:
                held -= size

    threads = [threading.Thread(target=work, args=(MOST_BYTES // (1 + number % 5),)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert held == 0
    assert MOST_BYTES <= most <= ROOM_BYTES


def test_what_is_no_image_is_refused_by_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "text.jpg").write_text("no image at all")
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "folder.jpg").mkdir()
    for name in ("text.jpg", "empty.jpg", "folder.jpg", "missing.jpg", "a" * 300, "x\0.jpg"):
        assert not is_image_file(tmp_path / name)
        with pytest.raises(UnreadableImage, match=r"the image cannot be read \(.*Put a sound file there"):
            read_image(tmp_path / name)


def test_postscript_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").write_bytes(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n")
    with pytest.raises(UnreadableImage, match="no image of a known kind"):
        read_image(tmp_path / "x.jpg")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no named pipes")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    for name in ("pipe.jpg", "zero.jpg"):
        with pytest.raises(UnreadableImage, match="no regular file"):
            read_image(tmp_path / name)


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.jpg").symlink_to(tmp_path / "x.jpg")
    with pytest.raises(UnreadableImage, match=r"x.jpg: the image cannot be read"):
        read_image(tmp_path / "x.jpg")


def broken(data: bytes, seed: int) -> bytes:
    """Cut, overwritten, doubled or emptied somewhere; half of it in the first bytes, where sizes stand."""
    rng = random.Random(seed)
    part = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(min(len(part), 200) if rng.random() < 0.5 else len(part))
        match rng.randrange(5):
            case 0:
                del part[at + 1 :]
            case 1:
                part[at : at + 4] = rng.randbytes(4)
            case 2:
                part[at : at + 4] = struct.pack(">I", rng.choice([0, 1, 1 << 31, (1 << 32) - 1]))
            case 3:
                part[at:at] = part[at : at + 32]
            case _:
                part[at : at + 20] = bytes(20)
    return bytes(part)


def with_true_sums(data: bytes) -> bytes:
    """Mend a PNG's check sums, so that what is broken gets past them."""
    at, mended = 8, bytearray(data)
    while at + 12 <= len(mended):
        (length,) = struct.unpack(">I", mended[at : at + 4])
        end = at + 8 + length
        if end + 4 > len(mended):
            break
        mended[end : end + 4] = struct.pack(">I", zlib.crc32(mended[at + 4 : end]))
        at = end + 4
    return bytes(mended)


@pytest.mark.filterwarnings("ignore")  # Pillow warns about tags that it skips
def test_a_broken_image_is_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    read = 0
    for seed in range(MUTATED):
        name = list(KINDS)[seed % len(KINDS)]
        data = broken(encoded(*KINDS[name]), seed)
        path = tmp_path / f"{seed}-{name}"
        path.write_bytes(with_true_sums(data) if name.endswith("png") else data)
        try:
            read_image(path, at_least=Size(16, 16))
            read += 1
        except UnreadableImage:
            continue
    assert 0 < read < MUTATED


def test_a_png_whose_pixels_are_missing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(png(struct.pack(">IIBBBBB", 10, 10, 8, 2, 0, 0, 0), b""))
    with pytest.raises(UnreadableImage):
        read_image(tmp_path / "x.png")


def many_scans(data: bytes, count: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again; a few bytes for a pass over all pixels."""
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + data[-2:]


def test_a_progressive_jpeg_of_endless_scans_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    data = encoded("L", "JPEG", {"progressive": True}, (1600, 1200))
    (tmp_path / "few.jpg").write_bytes(many_scans(data, 3))
    assert read_image(tmp_path / "few.jpg", at_least=Size(100, 100)).width >= 100
    (tmp_path / "many.jpg").write_bytes(many_scans(encoded("L", "JPEG", {"progressive": True}), 300))
    with pytest.raises(UnreadableImage, match=r"it has 30\d scans, and 200 are the most"):
        read_image(tmp_path / "many.jpg", at_least=Size(8, 8))


def test_what_pillow_decodes_pixel_by_pixel_in_python_is_read_up_to_16_million(tmp_path: Path) -> None:
    Image.fromarray(np.full((50, 70), 999, dtype=np.uint16)).save(tmp_path / "small.pgm")
    assert read_image(tmp_path / "small.pgm").size == (70, 50)
    (tmp_path / "large.pgm").write_bytes(b"P5 8000 8000 999\n" + bytes(100))
    with pytest.raises(UnreadableImage, match=r"8,000 x 8,000 pixels take"):
        read_image(tmp_path / "large.pgm", at_least=Size(8, 8))
