"""Which part of which image is the thumbnail of each class?

The best of its instances is cut from the dataset's own images: reasonably large in its image and not filling it,
nearly square, whole, in little company. The choice is a ranking of the columns, so the same dataset
gives the same thumbnails. Where no image can be read a class has none, which is no error.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageStat

from cocomine.coco.arrays import Bools
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.image_file import read_image
from cocomine.coco.images_on_disk import missing_images
from cocomine.coco.size import Size
from cocomine.errors import UnreadableImage
from cocomine.system.jobs import Progress

Scores = NDArray[np.float32]

CANDIDATE_COUNT = 6
"""Instances tried for a class, since an image may be damaged, or too dark to see anything."""
GOOD_SHARES = (0.06, 0.40)
"""Of the image's area: the object is neither tiny nor everything."""
SHARP_PX = 96
"""Shorter side of a box from which a thumbnail of it is sharp."""
SOLID_FILL = 0.5
"""Share of its box from which an object is taken for whole."""
COMPANY_COUNT = 20
"""Annotations in an image that halve its worth."""
EDGE_FACTOR, CROWD_FACTOR = 0.4, 1e-4
CLEAR_GREYS, CLEAR_CONTRAST = (60, 225), 20
"""Mean and standard deviation of the grey values, of 255, between which a thumbnail is legible."""
MARGIN_FACTOR = 1.25
"""Side of the square that is cut, over the box's longer side."""
LEAST_CUT_PX = 24
"""A tiny box is shown with what is around it."""
MOST_READ_PX = 4096
"""Side of an image from which a thumbnail is cut; a speck in a huge one is not worth more memory."""
SIDE_PX, SIDE_OF_MANY_PX = 112, 80
"""Multiples of JPEG's blocks of 16, so that neighbours on a sheet do not mix."""
MANY_CLASSES = 200
COLUMN_COUNT = 10
TILE_COUNT = 100
"""Thumbnails on a full sheet."""
QUALITY, QUALITY_OF_MANY = 80, 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Thumbnails:
    """Small square images of classes, laid out on sheets as in print.

    Attributes:
        names: classes that have one; the first `TILE_COUNT` are on the first sheet, and so on.
        side_px: of each.
        sheets: JPEG, `COLUMN_COUNT` across, row by row.
    """

    names: tuple[str, ...]
    side_px: int
    sheets: tuple[bytes, ...]


class Instance(NamedTuple):
    """One annotation of a dataset."""

    split_index: int
    annotation_index: int


class Square(NamedTuple):
    """Part of an image, in pixels that need not be whole."""

    left: float
    top: float
    side: float


def thumbnails(dataset: Dataset, progress: Progress) -> Thumbnails:
    """Return a thumbnail of every class of which one can be read.

    Args:
        dataset: its images are read, a few for each class.
        progress: takes how many classes are done, and how many there are.
    """
    many = len(dataset.categories) > MANY_CLASSES
    side_px = SIDE_OF_MANY_PX if many else SIDE_PX
    tiles: dict[str, Image.Image] = {}
    for done, (name, instances) in enumerate(zip(dataset.category_names, best_instances(dataset), strict=True)):
        progress(done, len(dataset.categories))
        tile = _first_clear(dataset, instances, side_px)
        if tile is not None:
            tiles[name] = tile
    images = list(tiles.values())
    quality = QUALITY_OF_MANY if many else QUALITY
    sheets = [_sheet(images[at : at + TILE_COUNT], quality) for at in range(0, len(images), TILE_COUNT)]
    return Thumbnails(names=tuple(tiles), side_px=side_px, sheets=tuple(sheets))


def best_instances(dataset: Dataset) -> list[list[Instance]]:
    """Return for every class the instances that show it best, the best first, at most `CANDIDATE_COUNT`.

    Instances without a box or an image on disk are left out; crowd regions come after all others.
    """
    splits = dataset.splits
    category = np.concatenate([split.annotations.category_index for split in splits])
    score = np.concatenate([_scores(split) for split in splits])
    owner = np.repeat(np.arange(len(splits)), [len(split.annotations) for split in splits])
    annotation_index = np.concatenate([np.arange(len(split.annotations)) for split in splits])
    usable = np.flatnonzero(score > 0)
    order = usable[np.argsort(category[usable] - score[usable].astype(np.float64) / 2, kind="stable")]
    starts = np.searchsorted(category[order], np.arange(len(dataset.categories) + 1))
    best = [order[start:stop][:CANDIDATE_COUNT] for start, stop in pairwise(starts)]
    return [[Instance(int(owner[index]), int(annotation_index[index])) for index in each] for each in best]


def cut_out(split: Split, annotation_index: int, *, side_px: int) -> Image.Image | None:
    """Return the square around an annotation's box as a thumbnail, None where it cannot be read.

    EXIF rotation is not applied, since COCO's coordinates are those of the stored pixels.
    """
    image = split.image_at(split.annotations.image_index[annotation_index])
    size, path = image.size, image.path
    square = square_around(split.annotations.boxes_xywh[annotation_index].tolist(), size)
    if path is None:
        return None
    enlarged = side_px / square.side
    enough = Size(*(min(round(side * enlarged) + 1, MOST_READ_PX) for side in size))
    try:
        return _resized(read_image(path, at_least=enough), size, square, side_px)
    except UnreadableImage:  # the class then has no thumbnail
        return None


def square_around(box_xywh: Sequence[float], size: Size) -> Square:
    """Return the square to cut for a box: centred on it with a margin, moved and shrunk into the image.

    Args:
        box_xywh: left, top, width, height in pixels.
        size: of the image.
    """
    left, top, width, height = box_xywh
    side = min(max(max(width, height) * MARGIN_FACTOR, LEAST_CUT_PX), *size)
    return Square(
        left=min(max(left + width / 2 - side / 2, 0.0), size.width - side),
        top=min(max(top + height / 2 - side / 2, 0.0), size.height - side),
        side=side,
    )


def _scores(split: Split) -> Scores:
    """Return how well each annotation shows its class, in [0, 1), (m,); 0 where it has no box or no image."""
    columns, images = split.annotations, split.images
    on_disk = np.ones(len(images), dtype=bool)
    on_disk[missing_images(split)] = False
    boxes = columns.boxes_xywh.astype(np.float32)
    left, top, width, height = boxes.T  # each (m,)
    image_width, image_height = (
        side.astype(np.float32)[columns.image_index] for side in (images.widths, images.heights)
    )
    usable = on_disk[columns.image_index] & np.isfinite(boxes).all(axis=1) & (width > 0) & (height > 0)
    usable &= (image_width > 0) & (image_height > 0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):  # where there is no box, which `usable` knows
        shorter, longer = np.minimum(width, height), np.maximum(width, height)
        share = width * height / (image_width * image_height)
        score = np.minimum(share / GOOD_SHARES[0], 1) * np.minimum(GOOD_SHARES[1] / share, 1)
        score *= shorter / longer * np.minimum(shorter / SHARP_PX, 1)
        fill = columns.areas_px.astype(np.float32) / (width * height)
        score *= np.float32(0.4) + np.float32(0.6) * np.clip(fill / SOLID_FILL, 0, 1)
        at_edge = (left <= 1) | (top <= 1) | (left + width >= image_width - 1) | (top + height >= image_height - 1)
    score *= _factor(at_edge, EDGE_FACTOR) * _factor(columns.is_crowd, CROWD_FACTOR)
    company = np.bincount(columns.image_index, minlength=len(images)).astype(np.float32)
    score /= 1 + company[columns.image_index] / COMPANY_COUNT
    return np.where(usable, np.clip(np.nan_to_num(score), 1e-9, 0.999), 0).astype(np.float32)


def _factor(where: Bools, factor: float) -> Scores:
    return np.where(where, np.float32(factor), np.float32(1))


def _first_clear(dataset: Dataset, instances: Sequence[Instance], side_px: int) -> Image.Image | None:
    """Return the first thumbnail in which something can be seen; if none is so, the first that can be read."""
    readable = None
    for split_index, annotation_index in instances:
        tile = cut_out(dataset.splits[split_index], annotation_index, side_px=side_px)
        if tile is not None and _is_clear(tile):
            return tile
        readable = readable or tile
    return readable


def _is_clear(tile: Image.Image) -> bool:
    grey = ImageStat.Stat(tile.convert("L"))
    return CLEAR_GREYS[0] <= grey.mean[0] <= CLEAR_GREYS[1] and grey.stddev[0] >= CLEAR_CONTRAST


def _resized(image: Image.Image, size: Size, square: Square, side_px: int) -> Image.Image:
    """Return a part of an image that may be larger or smaller than the dataset says."""
    across, down = image.width / size.width, image.height / size.height
    box = (
        square.left * across,
        square.top * down,
        min((square.left + square.side) * across, image.width),
        min((square.top + square.side) * down, image.height),
    )
    return image.resize((side_px, side_px), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def _sheet(tiles: Sequence[Image.Image], quality: int) -> bytes:
    side = tiles[0].width
    rows = -(-len(tiles) // COLUMN_COUNT)
    sheet = Image.new("RGB", (COLUMN_COUNT * side, rows * side))
    for index, tile in enumerate(tiles):
        sheet.paste(tile, (index % COLUMN_COUNT * side, index // COLUMN_COUNT * side))
    buffer = io.BytesIO()
    sheet.save(buffer, format="JPEG", quality=quality, optimize=True)
    return buffer.getvalue()
