"""Can the image files be read, and are they what the records say?

Only headers are read, and the last bytes: a JPEG or PNG that ends as it should
was not cut short. A file that does not is decoded whole, which settles it.
Damage in the middle of a file is found only when the image is drawn.

Source: JPEG ends with EOI (ITU-T T.81, B.2.1), PNG with the chunk IEND (W3C PNG, 11.2.5).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import ExifTags, ImageFile

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.image_file import decode_whole, is_deep, is_too_large, opened_image
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.system.jobs import Progress
from cocomine.system.worker_pool import WorkerPool, images_lost, worker_count

FILES_AT_ONCE = 32
LEAST_FILES = 2048
"""So many files are worth the second in which another process begins."""
SPOILING = {
    "image_unreadable",
    "image_too_large",
    "image_size_differs",
    "exif_rotation",
    "exif_orientation",
    "deep_image",
    "transparent_image",
}
"""Codes of what image files have that spoils a training unseen."""
SAMPLED_FILES = 64
"""Image files of a dataset that are looked at without being asked to."""
ENDINGS = {"JPEG": b"\xff\xd9", "MPO": b"\xff\xd9", "PNG": b"IEND\xae\x42\x60\x82"}
TAIL_BYTES = 64
PADDING = b"\0\r\n\t "
TURNED_BY_A_QUARTER = {5, 6, 7, 8}
"""Values of EXIF's Orientation that exchange width and height."""
OF_THE_SAME_SIZE = {2, 3, 4}
"""Values that mirror, or turn by a half."""
CODES_OF_MODES = {
    "1": ("grayscale_image",),
    "L": ("grayscale_image",),
    "LA": ("grayscale_image", "transparent_image"),
    "P": ("palette_image",),
    "PA": ("palette_image", "transparent_image"),
    "RGBA": ("transparent_image",),
    "CMYK": ("cmyk_image",),
}
UNREADABLE = "image_unreadable"
TOO_LARGE = "image_too_large"
IMAGE_FLAW_CODES = (
    UNREADABLE,
    TOO_LARGE,
    "image_size_differs",
    "exif_rotation",
    "exif_orientation",
    "deep_image",
    "cmyk_image",
    "transparent_image",
    "animated_image",
    "grayscale_image",
    "palette_image",
)


def image_file_report(dataset: Dataset, progress: Progress, *, workers: int | None = None) -> list[Finding]:
    """Return what is odd about the images that are on disk.

    Args:
        dataset: splits without an image folder, or with one at an address, are passed over.
        progress: gets how many images are done of how many.
        workers: how many processes share the work; None takes what the files are worth. The findings are the same.

    Raises:
        DatasetError: one of the processes died.
    """
    splits = [split for split in dataset.splits if split.has_files_here]
    images = (split.image_at(index) for split in splits for index in range(len(split.images)))
    files, total = ((image.path, image.size) for image in images), sum(len(split.images) for split in splits)
    batches = iter(lambda: list(islice(files, FILES_AT_ONCE)), [])
    progress(0, total)
    with WorkerPool(workers or worker_count(total, LEAST_FILES), lost=images_lost) as pool:
        of_batches = pool.results(_flaw_codes, batches, lambda done: progress(min(done * FILES_AT_ONCE, total), total))
    codes = iter([each for batch in of_batches for each in batch])
    found: list[Finding] = []
    for split in splits:
        of_split = list(islice(codes, len(split.images)))
        for code in IMAGE_FLAW_CODES:
            positions = [index for index, flaws in enumerate(of_split) if code in flaws]
            found += _images_found(code, split, positions)
    return found


def sampled_image_file_report(dataset: Dataset) -> list[Finding]:
    """Return what is odd about some image files by their headers and ends: a look that is always affordable."""
    splits = [split for split in dataset.splits if split.has_files_here]
    found: list[Finding] = []
    for split in splits:
        spread = np.linspace(0, len(split.images) - 1, SAMPLED_FILES // len(splits) or 1, dtype=np.int64)
        images = [split.image_at(index) for index in np.unique(spread)]
        codes = {
            image.index: image_flaw_codes(path, image.size, decodes_others=False)
            for image in images
            if (path := image.path) is not None
        }
        for code in IMAGE_FLAW_CODES:
            cases = [index for index, flaws in codes.items() if code in flaws]
            found += [_of_sample(each, len(codes), split) for each in _images_found(code, split, cases)]
    return found


def spoiling_sentences(dataset: Dataset) -> list[str]:
    """Return what some image files have that spoils a training unseen, with what to do about it."""
    found = [each for each in sampled_image_file_report(dataset) if each.code in SPOILING]
    return [f"{each.title}: {each.count:,} in {each.split}. {each.action}" for each in found]


def _of_sample(found: Finding, looked_count: int, split: Split) -> Finding:
    if looked_count == len(split.images):
        return found
    scope = f"Found in {found.count:,} of the {looked_count:,} image files looked at, of {len(split.images):,}."
    return replace(found, message=f"{found.message} {scope}")


def image_flaw_codes(path: Path, recorded: Size, *, decodes_others: bool = True) -> tuple[str, ...]:
    """Return the code of each flaw of one image file; its end is read as well, and all of it where the end is odd.

    Args:
        path: of the file.
        recorded: the size that its record says.
        decodes_others: whether all of a file is read as well whose kind has no end that can be told.
    """
    try:
        with opened_image(path) as image:
            codes = tuple(_codes(image, recorded))
            if is_too_large(image):
                return (*codes, TOO_LARGE)
            if (decodes_others or image.format in ENDINGS) and not _ends_well(path, image.format):
                decode_whole(image)
    except UnreadableImage:
        return (UNREADABLE,)
    return codes


def _flaw_codes(files: Sequence[tuple[Path | None, Size]]) -> list[tuple[str, ...]]:
    """Return the codes of each of some files with their recorded sizes; None is a file that is not there."""
    return [() if path is None else image_flaw_codes(path, recorded) for path, recorded in files]


def _images_found(code: str, split: Split, positions: list[int]) -> list[Finding]:
    names = [split.images.file_names[index] for index in positions]
    images = split.images.ids[[] if code in {UNREADABLE, TOO_LARGE} else positions]
    return finding(code, split.name, names, images=images)


def _codes(image: ImageFile.ImageFile, recorded: Size) -> Iterator[str]:
    if image.size != recorded.xy:
        lies = image.size == tuple(recorded) and image.getexif().get(ExifTags.Base.Orientation) in TURNED_BY_A_QUARTER
        yield "exif_rotation" if lies else "image_size_differs"
    elif "exif" in image.info and image.getexif().get(ExifTags.Base.Orientation) in OF_THE_SAME_SIZE:
        yield "exif_orientation"
    yield from ("deep_image",) if is_deep(image) else ()
    yield from CODES_OF_MODES.get(image.mode, ())
    if image.mode in {"P", "L", "RGB"} and "transparency" in image.info:
        yield "transparent_image"
    if image.format != "MPO" and getattr(image, "is_animated", False):  # an MPO is a JPEG with a second view
        yield "animated_image"


def _ends_well(path: Path, kind: str | None) -> bool:
    """Return whether the file's last bytes are those of a whole image; where that cannot be told, it is not."""
    if kind not in ENDINGS:
        return False
    with path.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(file.tell() - TAIL_BYTES, 0))
        return file.read().rstrip(PADDING).endswith(ENDINGS[kind])
