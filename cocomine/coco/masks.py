"""What does one annotation cover?

Polygons and run-length codes of both kinds become masks through pycocotools, the
reference implementation. The kind is decided by the data, never by `iscrowd`.

Source: https://cocodataset.org/#format-data (segmentation: polygon or RLE)
"""

from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from operator import mul
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocomine.coco.arrays import Ints
from cocomine.coco.json_repair import masked
from cocomine.coco.run_lengths import FIRST, LAST, LONGEST_RUN_CHARACTERS
from cocomine.coco.size import Size
from cocomine.errors import DatasetError

LARGEST_COORDINATE_PX = 1_000_000
"""pycocotools walks along every edge and crashes the process on far larger ones."""
LARGEST_OUTLINE_PX = 4_000_000
"""It keeps a hundred bytes for each pixel of an outline, and crashes where memory runs out."""

Mask = NDArray[np.bool_]
Segmentation = list[list[float]] | dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One annotation, decoded for drawing.

    Attributes:
        area_px: `area` as written, or the box area.
        box_xywh: left, top, width, height in pixels; NaN where missing.
        segmentation: as in the file: polygons, RLE, or None.
        has_mask: `segmentation` can be drawn, as far as its form tells.
        is_ignored: its pixels count neither in training nor in evaluation, whatever its category.
    """

    annotation_id: int
    category_id: int
    category_index: int
    is_crowd: bool
    area_px: float
    box_xywh: tuple[float, float, float, float]
    segmentation: Segmentation
    has_mask: bool
    is_ignored: bool = False


class _SegmentationField(msgspec.Struct):
    segmentation: list[list[float]] | dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(_SegmentationField)


def segmentation_of(record: bytes) -> Segmentation:
    """Return the segmentation in an annotation's record; None where it cannot be decoded: it draws nothing."""
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return _decoder.decode(record).segmentation
    with suppress(msgspec.DecodeError, UnicodeDecodeError):  # NaN in any field keeps the whole record from it
        return _decoder.decode(masked(record)).segmentation
    return None


def polygons_of(segmentation: Segmentation) -> list[list[float]]:
    """Return the polygons with at least three points, as flat [x0, y0, x1, y1, ...] lists in pixels."""
    if not isinstance(segmentation, list):
        return []
    return [polygon for polygon in segmentation if len(polygon) >= 6 and len(polygon) % 2 == 0]


def drawable_polygons(segmentation: Segmentation) -> list[list[float]]:
    """Return those of `polygons_of` that are drawn: absurdly large ones are not."""
    return [polygon for polygon in polygons_of(segmentation) if _is_small(polygon)]


def native_mask(segmentation: Segmentation, native: Size) -> Mask:
    """Return the mask at the image's own size, as pycocotools decodes it.

    Raises:
        DatasetError: the image is said to be larger than any.
    """
    refuse_undrawable(native)
    if isinstance(segmentation, dict):
        return _decoded_rle(segmentation, native)
    return _rasterised(polygons_of(segmentation), native)


def refuse_undrawable(native: Size) -> None:
    """Refuse to draw masks of an image's own size where that cannot be right.

    Raises:
        DatasetError: the image is said to be larger than any.
    """
    if not native.is_drawable:
        raise DatasetError(
            f"An image of {native.width:,} x {native.height:,} pixels is too large for its masks to be drawn. "
            "Correct its 'width' and 'height' in the annotation file."
        )


def scaled_mask(segmentation: Segmentation, *, native: Size, size: Size) -> Mask:
    """Return the mask at another size.

    Polygons are scaled and then rasterised; run-length codes are decoded and sampled at the pixel centres.

    Args:
        native: the image's own size.
        size: the mask's.

    Raises:
        DatasetError: a run-length code is for an image that is said to be larger than any.
    """
    if native == size or isinstance(segmentation, dict):
        return sampled(native_mask(segmentation, native), size)
    scale = (size.width / native.width, size.height / native.height)
    polygons = [list(map(mul, polygon, cycle(scale))) for polygon in polygons_of(segmentation)]  # faster than arrays
    return _rasterised(polygons, size)


def sampled(values: NDArray[Any], size: Size) -> NDArray[Any]:
    """Return `values` (height, width, ...) at `size` by the value under each new pixel's centre."""
    if values.shape[:2] == size:
        return values
    rows, columns = (centres(new, old) for new, old in zip(size, values.shape[:2], strict=True))
    return values[rows[:, None], columns[None, :]]


def centres(new: int, old: int) -> Ints:
    """Return under which of so many old pixels in a row the centre of each new one lies, (new,)."""
    return ((np.arange(new) + 0.5) * old / new).astype(np.int64)


def _rasterised(polygons: list[list[float]], size: Size) -> Mask:
    code = polygons_code(polygons, size)
    return np.zeros(size, dtype=bool) if code is None else np.asarray(coco_mask.decode(code)).view(bool)


def polygons_code(polygons: list[list[float]], size: Size) -> dict[str, Any] | None:
    """Return what polygons cover together as pycocotools' run-length code; None where none of them is drawn."""
    drawable = [polygon for polygon in polygons if _is_small(polygon)]
    if not drawable:
        return None
    parts = coco_mask.frPyObjects(drawable, *size)
    whole: dict[str, Any] = coco_mask.merge(parts) if len(parts) > 1 else parts[0]
    return whole


def _is_small(polygon: list[float]) -> bool:
    """Return whether pycocotools can walk along a polygon; looked at closely only where it might be too long."""
    farthest = max(map(abs, polygon))
    if farthest > LARGEST_COORDINATE_PX:
        return False
    return farthest * len(polygon) <= LARGEST_OUTLINE_PX or _outline_px(polygon) <= LARGEST_OUTLINE_PX


def _outline_px(polygon: list[float]) -> float:
    corners = np.reshape(polygon, (-1, 2))  # (n, 2)
    return float(np.abs(corners - np.roll(corners, 1, axis=0)).max(axis=1).sum())


def _decoded_rle(rle: dict[str, Any], native: Size) -> Mask:
    """Decode RLE of either kind; one that does not fit the image covers nothing."""
    runs = sound_runs(rle, native)
    if not runs:
        return np.zeros(native, dtype=bool)
    compressed = coco_mask.frPyObjects({"size": [*native], "counts": runs}, *native)
    return np.asarray(coco_mask.decode(compressed)).view(bool)


def sound_runs(rle: dict[str, Any], native: Size) -> list[int]:
    """Return the runs of RLE of either kind, which fill the image; none where they do not."""
    runs = runs_of(rle.get("counts"))
    is_sound = rle.get("size") == [*native] and sum(runs) == native.pixel_count and min(runs, default=0) >= 0
    return runs if is_sound else []


def runs_of(counts: object) -> list[int]:
    """Return the run lengths of either kind of code; none where it is neither."""
    if isinstance(counts, str):
        return _uncompressed(counts)
    runs = counts if isinstance(counts, list) else []
    is_whole = all(isinstance(run, int) or (isinstance(run, float) and run.is_integer()) for run in runs)
    return [int(run) for run in runs] if is_whole else []


def _uncompressed(text: str) -> list[int]:
    """Return the runs of a compressed code, none where it is broken; `run_lengths` reads thousands in the same way.

    Source: `rleFrString` in pycocotools' maskApi.c: five bits a character, and from the fourth run on the
    difference to the last but one.
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - FIRST
        value |= (bits & 0x1F) << shift
        shift += 5
        if not 0 <= bits <= LAST - FIRST or shift > 5 * LONGEST_RUN_CHARACTERS:
            return []
        if not bits & 0x20:
            value -= (bits & 0x10) << (shift - 4)
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    return runs if not shift else []
