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

COMMA, OPEN_LIST, LAST_SIGN_OF_NUMBERS = b",[]"
FEWEST_NUMBERS = 6
"""A polygon has three points."""
NO_SIZE = -1
NO_POLYGONS: list[Raw] = []


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
    lists = [each if type(each) is list else NO_POLYGONS for each in segmentations]
    owners = np.repeat(np.arange(count), np.fromiter(map(len, lists), dtype=np.int64, count=count))
    numbers = _number_counts(list(chain.from_iterable(lists)))
    is_drawable = (numbers >= FEWEST_NUMBERS) & (numbers % 2 == 0)
    has_polygon = np.bincount(owners[is_drawable], minlength=count) > 0
    is_unreadable = np.bincount(owners[numbers < 0], minlength=count) > 0
    kinds = np.where(has_polygon & ~is_unreadable, MaskKind.POLYGONS, MaskKind.NONE).astype(np.uint8)
    are_odd = np.bincount(owners[~is_drawable], minlength=count) > 0
    sizes = np.full((count, 2), NO_SIZE, dtype=np.int64)
    codes = [(index, each) for index, each in enumerate(segmentations) if type(each) is dict]
    for index, code in codes:
        kinds[index], sizes[index] = _run_length_code(code)
        are_odd[index] = kinds[index] == MaskKind.NONE
    return Masks(kinds=kinds, are_odd=are_odd, sizes=sizes)


def _number_counts(polygons: Sequence[Raw]) -> Ints:
    """Return how many numbers each list has; -1 for what is no flat list of numbers."""
    if not polygons:
        return np.zeros(0, dtype=np.int64)
    text = b"".join(polygons)
    lengths = np.fromiter(map(len, polygons), dtype=np.int64, count=len(polygons))
    stops = np.cumsum(lengths)
    starts = stops - lengths
    signs = np.frombuffer(text, dtype=np.uint8)
    is_flat = (
        signs.max() <= LAST_SIGN_OF_NUMBERS
        and b'"' not in text
        and np.count_nonzero(signs == OPEN_LIST) == len(polygons)
    )
    if not is_flat or not (signs[starts] == OPEN_LIST).all():  # `1e5` too is cause for doubt
        return np.array([_decoded_number_count(polygon) for polygon in polygons], dtype=np.int64)
    commas = np.diff(_ranks(signs == COMMA, np.append(0, stops)))
    return np.where(lengths == len("[]"), 0, commas + 1)


def _ranks(are_set: Bools, places: Ints) -> Ints:
    """Return how many of the values before each place are set, by eights: a running sum over each would take longer."""
    eights = np.append(np.packbits(are_set), np.uint8(0))
    before = np.append(0, np.cumsum(np.bitwise_count(eights), dtype=np.int64))
    place, rest = np.divmod(places, 8)
    return np.asarray(before[place] + np.bitwise_count(eights[place].astype(np.uint16) >> (8 - rest).astype(np.uint16)))


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
