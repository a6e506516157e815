"""What kind of mask does each annotation have, and is it sound?

Answered from the text of `segmentation`, for thousands of records at once: a
polygon has one number more than commas. Only where the text holds more than
flat lists of numbers, every polygon is decoded.

Source: https://cocodataset.org/#format-data (segmentation: polygon or RLE)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import chain
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta, Raw
from numpy.typing import NDArray

from cocomine.coco.dataset import Bools, Ints

SegmentationText = list[Raw] | dict[str, Raw] | str | float | bool | None
"""The field of one record: its polygons, or the fields of its run-length code, as text; or what is no mask."""

SidePx = Annotated[int, Meta(ge=0, le=2**31 - 1)]

COMMA, OPEN_LIST, LAST_SIGN_OF_NUMBERS, QUOTE = b',[]"'
FEWEST_NUMBERS = 6
"""A polygon has three points."""
NO_SIZE = -1


class MaskKind(IntEnum):
    """How a mask is written."""

    NONE = 0
    """missing, or nothing that can be drawn"""
    POLYGONS = 1
    """at least one polygon of three points"""
    RUNS = 2
    """run lengths as a list of numbers"""
    TEXT = 3
    """run lengths as text, COCO's compressed form"""


class MaskFlaw(IntFlag):
    """What is wrong with a mask."""

    ODD_PART = 1
    """some part cannot be drawn: a polygon of fewer than three points or with half a point, or no numbers at all"""
    OTHER_SIZE = 2
    """a run-length code for an image of another size, which draws nothing"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Masks:
    """The masks of n annotations.

    Attributes:
        kinds: `MaskKind`, (n,).
        are_odd: some part cannot be drawn: a polygon of fewer than three points or with half a point, something that
            is no list of numbers, or a run-length code without size or counts, (n,).
        sizes: height and width that a run-length code is for, in pixels; -1 where there is none, (n, 2).
    """

    kinds: NDArray[np.uint8]
    are_odd: Bools
    sizes: Ints


def masks_of(segmentations: Sequence[SegmentationText]) -> Masks:
    """Return what the fields of n records hold; the field's text must be valid JSON."""
    count = len(segmentations)
    part_counts = np.fromiter((len(s) if type(s) is list else 0 for s in segmentations), dtype=np.int64, count=count)
    polygons = list(chain.from_iterable(s for s in segmentations if type(s) is list))
    owners = np.repeat(np.arange(count), part_counts)
    numbers = _number_counts(polygons)
    is_drawable = (numbers >= FEWEST_NUMBERS) & (numbers % 2 == 0)
    has_polygon = np.bincount(owners[is_drawable], minlength=count) > 0
    is_unreadable = np.bincount(owners[numbers < 0], minlength=count) > 0
    kinds = np.where(has_polygon & ~is_unreadable, MaskKind.POLYGONS, MaskKind.NONE).astype(np.uint8)
    are_odd = np.bincount(owners[~is_drawable], minlength=count) > 0
    sizes = np.full((count, 2), NO_SIZE, dtype=np.int64)
    for index, segmentation in enumerate(segmentations):
        if type(segmentation) is dict:
            kinds[index], sizes[index] = _run_length_code(segmentation)
            are_odd[index] = kinds[index] == MaskKind.NONE
    return Masks(kinds=kinds, are_odd=are_odd, sizes=sizes)


def _number_counts(polygons: Sequence[Raw]) -> Ints:
    """Return how many numbers each list has; -1 for what is no flat list of numbers."""
    if not polygons:
        return np.zeros(0, dtype=np.int64)
    text = np.frombuffer(b"".join(polygons), dtype=np.uint8)
    lengths = np.fromiter(map(len, polygons), dtype=np.int64, count=len(polygons))
    stops = np.cumsum(lengths)
    starts = stops - lengths
    if not _are_flat_lists(text, starts):
        return np.array([_decoded_number_count(polygon) for polygon in polygons], dtype=np.int64)
    commas = np.flatnonzero(text == COMMA)
    counts = np.searchsorted(commas, stops) - np.searchsorted(commas, starts) + 1
    return np.where(lengths == len("[]"), 0, counts)


def _are_flat_lists(text: NDArray[np.uint8], starts: Ints) -> bool:
    """Return whether valid JSON values, joined, are lists of nothing but numbers; `1e5` counts as a doubt."""
    return (
        bool(text.max() <= LAST_SIGN_OF_NUMBERS)
        and not (text == QUOTE).any()
        and bool((text[starts] == OPEN_LIST).all())
        and np.count_nonzero(text == OPEN_LIST) == len(starts)
    )


def _decoded_number_count(polygon: Raw) -> int:
    try:
        return len(msgspec.json.decode(polygon, type=list[float]))
    except msgspec.DecodeError:
        return -1


def _run_length_code(fields: dict[str, Raw]) -> tuple[MaskKind, tuple[int, int]]:
    try:
        height, width = msgspec.json.decode(fields["size"], type=tuple[SidePx, SidePx])
        counts = bytes(fields["counts"])[:1]
    except (KeyError, msgspec.DecodeError):
        return MaskKind.NONE, (NO_SIZE, NO_SIZE)
    kind = {b"[": MaskKind.RUNS, b'"': MaskKind.TEXT}.get(counts, MaskKind.NONE)
    return kind, (height, width)
