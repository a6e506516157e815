"""How is an image file read, whatever it holds, within a bounded amount of memory?

The one reader for gallery, small images, checks and training. What a file takes once it is decoded is known from its
header: a JPEG is decoded at the size that is needed (`Image.draft`), and where a format cannot do that, a file beyond
`MOST_BYTES` is refused with a sentence. All threads of a process share `ROOM_BYTES`, and who does not fit waits.

Pixels are taken as they are stored: EXIF rotation is not applied, since COCO's coordinates are those of the stored
pixels, and transparency is dropped. More than 256 levels are divided by the smallest power of two that makes them fit.
"""

import os
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import TiffImageFile

from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage

MIB = 1 << 20
MOST_BYTES = 416 * MIB
"""For one image: 108 million pixels in colour, as 12,000 x 9,000."""
ROOM_BYTES = 512 * MIB
"""For all images that a process decodes at once."""
FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF", "JPEG2000", "PPM", "AVIF")
"""What is taken for an image; Pillow would run Ghostscript on some of the others."""
BYTES_OF_MODES = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16B": 2, "I;16L": 2, "I;16N": 2}
"""For each pixel, as Pillow keeps it; 4 in every other mode."""
COPIES_OF_FORMATS = {"WEBP": 4, "AVIF": 3, "JPEG2000": 5}
"""How many times an image is in memory while Pillow 13 decodes it, as measured, where that is not once."""
PYTHON_DECODERS = {"bmp_rle", "ppm", "ppm_plain"}
"""Decoders that Pillow has in Python, pixel by pixel: they hold up everybody for a second or more with each million."""
BYTES_OF_PYTHON_DECODER = 26
"""What is counted for each of their pixels, so that 16 million are the most."""
MOST_SCANS = 200
"""Of a progressive JPEG, which has about ten; each takes its time with all pixels, however few bytes it has."""
SUFFIXES = frozenset(suffix for suffix, form in Image.registered_extensions().items() if form in FORMATS)
"""Of files that are taken for images where a folder is named, in lower case."""
START_OF_SCAN = b"\xff\xda"
BYTES_OF_COEFFICIENT = 2
"""A progressive JPEG is kept as coefficients, all of them, before the first pixel is known."""
STRIP_PX = 4_000_000
"""So many pixels are converted at once."""
LEVELS = 255
TILE_WIDTH, TILE_HEIGHT, ROWS_OF_STRIP = 322, 323, 278
"""Tags of TIFF."""
Box = tuple[int, int, int, int]
Conversion = Callable[[Image.Image], Image.Image]


class _TooLarge(Exception):  # noqa: N818 - told as `UnreadableImage`, with the file's path
    """An image would take more memory than one image may."""


class _Room:
    """Memory that threads share; who waits for much is not overtaken by who needs little."""

    def __init__(self, size: int) -> None:
        self._free = size
        self._turn, self._freed = threading.Lock(), threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        with self._turn, self._freed:
            self._freed.wait_for(lambda: self._free >= size)
            self._free -= size
        try:
            yield
        finally:
            with self._freed:
                self._free += size
                self._freed.notify_all()


_room = _Room(ROOM_BYTES)


def read_image(path: Path, *, at_least: Size | None = None) -> Image.Image:
    """Return an image in RGB, as stored.

    Args:
        path: of the file.
        at_least: the size that is enough; a larger image may come reduced, by whole numbers, and never below.
            None takes the size that it is stored with.

    Raises:
        UnreadableImage: it is missing, damaged, no image, or too large.
    """
    with opened_image(path) as image:
        stored, factor = Size.of_xy(image.size), 1
        if at_least is not None:
            image.draft("RGB", at_least.xy)
            factor = max(1, min(image.width // at_least.width, image.height // at_least.height) // 2)
        result_bytes = 4 * (image.width // factor + 1) * (image.height // factor + 1)
        with _room.taken(_affordable(image, stored, result_bytes)):
            has_deep_colours = is_deep(image)
            image.load()
            return _in_colour(image, factor, has_deep_colours=has_deep_colours)


def decode_whole(image: ImageFile.ImageFile) -> None:
    """Decode an image that is open, as small as its format allows: what is cut short or damaged raises.

    Raises:
        Exception: whatever `opened_image`, in which this is called, makes a sentence of.
    """
    stored = Size.of_xy(image.size)
    image.draft(None, (1, 1))
    with _room.taken(_affordable(image, stored, 0)):
        image.load()


def image_size(path: Path) -> Size:
    """Return the size that an image is stored with, from its header.

    Raises:
        UnreadableImage: it is missing, damaged, or no image.
    """
    with opened_image(path) as image:
        return Size.of_xy(image.size)


def is_image_file(path: Path) -> bool:
    """Return whether a file is an image by its header; what its name ends with says nothing."""
    try:
        image_size(path)
    except UnreadableImage:
        return False
    return True


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Return whether an image that is open, and not decoded yet, has more than 256 levels."""
    return image.mode[0] in "IF" or any(";16" in str(tile.args) for tile in image.tile)


def is_too_large(image: ImageFile.ImageFile) -> bool:
    """Return whether an image that is open cannot be decoded in any size; it is then set to its smallest one."""
    stored = Size.of_xy(image.size)
    image.draft(None, (1, 1))
    return _decoded_bytes(image, stored) > MOST_BYTES


@contextmanager
def opened_image(path: Path) -> Iterator[ImageFile.ImageFile]:
    """Open an image file of which nothing but the header is read yet; what Pillow raises inside is told as a sentence.

    Raises:
        UnreadableImage: it is missing, damaged, or no image.
    """
    Image.MAX_IMAGE_PIXELS = None  # counted here instead, by what is decoded and not by what the header says
    try:
        with _regular_file(path) as file, Image.open(file, formats=FORMATS) as image:
            yield image
    except _TooLarge as error:
        raise UnreadableImage(
            f"{path}: the image is too large ({error}). Save it as a JPEG that is not progressive, which is read at a "
            "reduced size, or cut it into tiles."
        ) from error
    except Exception as error:  # Pillow raises nearly anything for a damaged file
        raise UnreadableImage(
            f"{path}: the image cannot be read ({_reason(error)}). Put a sound file there (JPEG, PNG, WebP, TIFF, BMP, "
            "GIF, JPEG 2000, PPM or AVIF), or leave the image out."
        ) from error


def _regular_file(path: Path) -> BinaryIO:
    """Open a file; a pipe or a device, at which a reader may wait for ever, is no file."""
    file = open(path, "rb", opener=_without_waiting)  # noqa: SIM115 - Path.open has no opener; its caller closes it
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise OSError("it is no regular file")


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _reason(error: Exception) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory"
    if isinstance(error, UnidentifiedImageError):
        return "it is no image of a known kind"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"damaged: {error}" if str(error) else f"damaged: {type(error).__name__}"


def _affordable(image: ImageFile.ImageFile, stored: Size, more_bytes: int) -> int:
    """Return what an image takes while it is decoded, in bytes, or refuse it."""
    if image.info.get("progressive") and _scan_count(image) > MOST_SCANS:
        raise OSError(f"it has {_scan_count(image):,} scans, and {MOST_SCANS} are the most")
    need = _decoded_bytes(image, stored) + more_bytes
    if need > MOST_BYTES:
        raise _TooLarge(
            f"{stored.width:,} x {stored.height:,} pixels take {need / 1e6:,.0f} MB of memory to decode, and one image "
            f"may take {MOST_BYTES / 1e6:,.0f} MB"
        )
    return need


def _decoded_bytes(image: ImageFile.ImageFile, stored: Size) -> int:
    """Return what Pillow takes while it decodes an image, which may be set to a smaller size than the stored one."""
    need = image.width * image.height * _bytes_per_pixel(image) * COPIES_OF_FORMATS.get(image.format or "", 1)
    if isinstance(image, TiffImageFile):
        return need + _tiff_buffers(image)
    if any(tile.codec_name in PYTHON_DECODERS for tile in image.tile):
        return need + image.width * image.height * BYTES_OF_PYTHON_DECODER
    if isinstance(image, JpegImageFile) and image.info.get("progressive"):
        samples = [across * down for _, across, down, _ in image.layer]
        return need + BYTES_OF_COEFFICIENT * stored.pixel_count * sum(samples) // max(samples)
    return need


def _scan_count(image: ImageFile.ImageFile) -> int:
    """Return how many scans a JPEG says it has; the position in its file stays."""
    if image.fp is None:
        return 0
    position = image.fp.tell()
    image.fp.seek(0)
    count = image.fp.read().count(START_OF_SCAN)
    image.fp.seek(position)
    return count


def _bytes_per_pixel(image: Image.Image) -> int:
    return BYTES_OF_MODES.get(image.mode, 4)


def _tiff_buffers(image: TiffImageFile) -> int:
    """Return what is kept beside the pixels of a compressed TIFF: the file, and one strip or tile."""
    if image.fp is None or image.info.get("compression") == "raw":
        return 0
    tags = image.tag_v2
    tile = int(tags.get(TILE_WIDTH, 0)) * int(tags.get(TILE_HEIGHT, 0))
    strip = image.width * min(int(tags.get(ROWS_OF_STRIP, image.height)), image.height)
    return (tile or strip) * _bytes_per_pixel(image) + os.fstat(image.fp.fileno()).st_size


def _in_colour(image: Image.Image, factor: int, *, has_deep_colours: bool) -> Image.Image:
    """Return an image in RGB, reduced by a whole number; converted in strips, so that no second copy is held."""
    if image.mode in {"RGB", "L"} and not has_deep_colours:  # reduced before or after, it is the same
        return (Image.Image.reduce(image, factor) if factor > 1 else image).convert("RGB")
    rows = max(1, STRIP_PX // (image.width * factor)) * factor
    boxes = [(0, top, image.width, min(top + rows, image.height)) for top in range(0, image.height, rows)]
    convert = _conversion(image, boxes, has_deep_colours=has_deep_colours)
    if len(boxes) == 1 and factor == 1:
        return convert(image)
    result = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for box in boxes:
        result.paste(convert(image.crop(box)).reduce(factor), (0, box[1] // factor))
    return result


def _conversion(
    image: Image.Image, boxes: list[Box], *, has_deep_colours: bool
) -> Callable[[Image.Image], Image.Image]:
    """Return what makes a part of an image RGB; levels are scaled alike in all parts."""
    if image.mode[0] in "IF":
        highest = max(_highest(image.crop(box)) for box in boxes)
        return partial(_eight_bits, scale=_scale(highest, is_real=image.mode == "F"))
    if not has_deep_colours:
        return partial(Image.Image.convert, mode="RGB")
    kept = max(int(np.asarray(image.crop(box).convert("RGB")).max()) for box in boxes)
    return partial(_eight_bits_of_colours, scale=2.0 ** (8 - kept.bit_length()) if kept else 1.0)


def _highest(part: Image.Image) -> float:
    values = np.asarray(part)
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else 0.0


def _scale(highest: float, *, is_real: bool) -> float:
    """Return what brings levels below 256; real numbers up to 1 are shares, as most programs write them."""
    if is_real and highest <= 1:
        return float(LEVELS)
    return 2.0 ** -max(0, int(highest).bit_length() - 8) if highest > 0 else 1.0


def _eight_bits(part: Image.Image, *, scale: float) -> Image.Image:
    values = np.nan_to_num(np.asarray(part, dtype=np.float64) * scale, nan=0.0, posinf=LEVELS, neginf=0.0)
    return Image.fromarray(np.clip(values, 0, LEVELS).astype(np.uint8)).convert("RGB")


def _eight_bits_of_colours(part: Image.Image, *, scale: float) -> Image.Image:
    """Brighten what Pillow kept of 16 bits, which is their upper half: 12 bits in 16 would be nearly black."""
    return part.convert("RGB").point([min(LEVELS, int(level * scale)) for level in range(256)] * 3)
