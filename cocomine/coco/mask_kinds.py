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
NO_POLYGONS: list[Raw] = []
_size_decoder = msgspec.json.Decoder(tuple[SidePx, SidePx])


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
        codes: position, height and width in pixels of each run-length code, (c, 3).
    """

    kinds: NDArray[np.uint8]
    are_odd: Bools
    codes: Ints


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
    codes = [(index, *_run_length_code(each)) for index, each in enumerate(segmentations) if type(each) is dict]
    places, code_kinds, *sizes = np.array(codes, dtype=np.int64).reshape(-1, 4).T
    kinds[places] = code_kinds
    are_odd[places] = code_kinds == MaskKind.NONE
    return Masks(kinds=kinds, are_odd=are_odd, codes=np.stack([places, *sizes], axis=1))


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
    """Return how many of the values before each place are set; a running sum over every value would take longer."""
    packed = np.packbits(are_set, bitorder="little")
    words = np.append(packed, np.zeros(16 - len(packed) % 8, dtype=np.uint8)).view("<u8")
    before = np.append(0, np.cumsum(np.bitwise_count(words), dtype=np.int64))
    word, rest = np.divmod(places.astype(np.uint64), np.uint64(64))
    in_word = words[word] & ((np.uint64(1) << rest) - np.uint64(1))
    return np.asarray(before[word] + np.bitwise_count(in_word))


def _decoded_number_count(polygon: Raw) -> int:
    try:
        return len(msgspec.json.decode(polygon, type=list[float]))
    except msgspec.DecodeError:
        return -1


def _run_length_code(fields: dict[str, Raw]) -> tuple[int, int, int]:
    """Return kind, height and width."""
    try:
        height, width = _size_decoder.decode(fields["size"])
        counts = memoryview(fields["counts"])[0]
    except (KeyError, msgspec.DecodeError):
        return MaskKind.NONE, NO_SIZE, NO_SIZE
    kind = {OPEN_LIST: MaskKind.RUNS, QUOTE: MaskKind.TEXT}.get(counts, MaskKind.NONE)
    return kind, height, width
