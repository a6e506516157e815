"""Which pixels does each annotation of an image cover, without a mask of the image's size for each?

A mask is made of spans: pixels that follow each other when the image is read column by column, as COCO's run-length
codes do. There are some hundred of them where a mask has hundreds of thousands of pixels. Where a mask is small the
calls cost more than the pixels, so the masks of many images are best asked for together.

Source: https://cocodataset.org/#format-data (RLE)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.masks import Segmentation, centres, refuse_undrawable, runs_of
from cocomine.coco.polygons import drawn_polygons
from cocomine.coco.run_lengths import covered_spans
from cocomine.coco.size import Size


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskSpans:
    """The pixels of some masks, each of a size of its own.

    Attributes:
        bounds: [start, stop) of each span, column by column, (n, 2); those of one mask may overlap.
        owners: the position of the mask that each belongs to, not falling, (n,).
    """

    bounds: Ints
    owners: Ints

    def painted(
        self, values: Sequence[int], places: Sequence[int], sizes: Sequence[Size], kind: type[np.generic] = np.uint8
    ) -> list[NDArray[Any]]:
        """Return maps that show each mask's value, later ones over earlier ones, and 0 elsewhere.

        Args:
            values: of the masks.
            places: on which map each mask is, which has its size.
            sizes: of the maps.
            kind: of the maps' pixels.

        Returns:
            The maps, each column by column, (width, height).
        """
        firsts = np.append(0, np.cumsum([size.pixel_count for size in sizes], dtype=np.int64))
        pixels = np.zeros(firsts[-1], dtype=kind)
        bounds = self.bounds + firsts[np.asarray(places, dtype=np.int64)[self.owners]][:, None]
        of_spans = np.asarray(values, dtype=kind)[self.owners].tolist()
        for start, stop, value in zip(bounds[:, 0].tolist(), bounds[:, 1].tolist(), of_spans, strict=True):
            pixels[start:stop] = value
        bordered = zip(pairwise(firsts.tolist()), sizes, strict=True)
        return [pixels[start:stop].reshape(size.xy) for (start, stop), size in bordered]

    def laid_together(self, places: Sequence[int], sizes: Sequence[Size]) -> list[Bools]:
        """Return unions of masks, each column by column, (width, height).

        Args:
            places: which union each mask is part of, which has its size.
            sizes: of the unions.
        """
        return self.painted([1] * len(places), places, sizes, np.bool_)


def mask_spans(segmentations: Sequence[Segmentation], *, natives: Sequence[Size], sizes: Sequence[Size]) -> MaskSpans:
    """Return the pixels that `scaled_mask` has for each segmentation.

    Args:
        natives: the own size of the image of each.
        sizes: of the masks.

    Raises:
        DatasetError: a mask would have to be decoded for an image that is said to be larger than any.
    """
    codes: dict[tuple[Size, Size], dict[int, dict[str, Any]]] = {}
    for owner, (segmentation, native, size) in enumerate(zip(segmentations, natives, sizes, strict=True)):
        if isinstance(segmentation, dict):
            codes.setdefault((native, size), {})[owner] = segmentation
        if isinstance(segmentation, dict) or native == size:
            refuse_undrawable(native)
    found = [_polygon_spans(segmentations, natives, sizes)]
    found += [_code_spans(alike, native, size) for (native, size), alike in codes.items()]
    bounds, owners = (np.concatenate(each) for each in zip(*found, strict=True))
    if codes:
        order = np.argsort(owners, kind="stable")
        bounds, owners = bounds[order], owners[order]
    return MaskSpans(bounds=bounds, owners=owners)


def _polygon_spans(
    segmentations: Sequence[Segmentation], natives: Sequence[Size], sizes: Sequence[Size]
) -> tuple[Ints, Ints]:
    old, new = (np.array(each, dtype=np.int64).reshape(-1, 2)[:, ::-1] for each in (natives, sizes))
    polygons = drawn_polygons(segmentations, scales_xy=new / np.maximum(old, 1))
    parts = polygons.parts()
    by_size: dict[Size, list[int]] = {}
    for place, owner in enumerate(polygons.owners.tolist()):
        by_size.setdefault(sizes[owner], []).append(place)
    codes = [b""] * len(parts)
    for size, places in by_size.items():
        for place, code in zip(places, coco_mask.frPyObjects([parts[each] for each in places], *size), strict=True):
            codes[place] = code["counts"]
    bounds, which = covered_spans(codes, new.prod(axis=1)[polygons.owners])
    return bounds, polygons.owners[which]


def _code_spans(codes: Mapping[int, dict[str, Any]], native: Size, size: Size) -> tuple[Ints, Ints]:
    texts = [_compressed(code, native) for code in codes.values()]
    bounds, which = covered_spans(texts, np.full(len(texts), native.pixel_count))
    if native != size:
        bounds, which = _sampled(bounds, which, native, size)
    return bounds, np.array([*codes], dtype=np.int64)[which]


def _compressed(code: dict[str, Any], native: Size) -> bytes:
    """Return a run-length code of either kind in its compressed form; nothing where it does not fit the image."""
    counts = code.get("counts")
    if code.get("size") != [*native]:
        return b""
    if isinstance(counts, str):
        return counts.encode(errors="surrogatepass")
    runs = runs_of(counts)
    if not runs or sum(runs) != native.pixel_count or min(runs) < 0:
        return b""
    text: bytes = coco_mask.frPyObjects({"size": [*native], "counts": runs}, *native)["counts"]
    return text


def _sampled(bounds: Ints, owners: Ints, native: Size, size: Size) -> tuple[Ints, Ints]:
    """Return the spans of what lies under the centres of another size's pixels, and whose they are.

    Each span is cut into its columns; of each column there are as many as the new size has centres in it.
    """
    first, last = bounds[:, 0] // native.height, (bounds[:, 1] - 1) // native.height
    span, column = _spread(first, last + 1 - first)
    start, stop = (np.clip(bounds[span, side] - column * native.height, 0, native.height) for side in (0, 1))
    first_column = np.searchsorted(centres(size.width, native.width), np.arange(native.width + 1))
    first_row = np.searchsorted(centres(size.height, native.height), np.arange(native.height + 1))
    piece, new_column = _spread(first_column[column], np.diff(first_column)[column])
    rows = np.stack([first_row[start[piece]], first_row[stop[piece]]], axis=1)
    return new_column[:, None] * size.height + rows, owners[span[piece]]


def _spread(firsts: Ints, counts: Ints) -> tuple[Ints, Ints]:
    """Return for each of so many whole numbers from each first one on: which first one, and the number."""
    which = np.repeat(np.arange(len(firsts)), counts)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts) + firsts[which]
