"""How is the mask of each annotation written, and is it sound?

Answered from the text of `segmentation`, for thousands of records at once: a
polygon has one number more than commas. Only where the text holds more than
flat lists of numbers, every polygon is decoded.

Source: https://cocodataset.org/#format-data (segmentation: polygon or RLE)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from itertools import chain
from typing import NamedTuple

import msgspec
import numpy as np
from msgspec import Raw
from numpy.typing import NDArray

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.run_lengths import BROKEN, filled_px

SegmentationText = list[Raw] | dict[str, Raw] | str | float | bool | None
"""The field of one record: its polygons, or the fields of its run-length code, as text; or what is no mask."""
Segmented = Raw | SegmentationText
"""The same; or, as it stands, what `are_sound` tells to be sound."""

LONGEST_SIDE_PX = 2**31 - 1
LARGEST_RUN = 1 << 40
"""Beyond, no column could hold a sum."""
SCALARS = (str, float, int, bool)
NUMBER_CHARACTERS = tuple(bytes([character]) for character in b"-0123456789")
BYTES_PREFIXES = (b"b'", b'b"')

COMMA, OPEN_LIST, CLOSE_LIST, QUOTE, ZERO, NINE = b',[]"09'
SEPARATOR = b"\xff"
"""No text holds it; in what is no UTF-8 it makes none sound."""
FEWEST_NUMBERS = 6
"""A polygon has three points."""
WORD_DIGITS = 8
OWN_DIGITS = np.array([2**64 - 2 ** (8 * (8 - count)) for count in range(9)], dtype=np.uint64) & 0x0F0F0F0F0F0F0F0F
"""The bits of the last so many of eight digits."""
JOINING = tuple(
    (np.uint64(1 + (10**digits << 8 * digits)), np.uint64(8 * digits), np.uint64(mask))
    for digits, mask in ((1, 0x00FF00FF00FF00FF), (2, 0x0000FFFF0000FFFF), (4, 0x00000000FFFFFFFF))
)
"""Factor, shift and mask."""
NO_SIZE = -1
NO_POLYGONS: list[Raw] = []
_size_decoder = msgspec.json.Decoder(tuple[float, float])
_text_decoder = msgspec.json.Decoder(str)
_runs_decoder = msgspec.json.Decoder(list[int])
_floats_decoder = msgspec.json.Decoder(list[float])


class MaskEncoding(IntEnum):
    """How a mask is written."""

    NONE = 0
    """missing, or nothing that can be drawn"""
    POLYGONS = 1
    """at least one polygon of three points"""
    RLE = 2
    """run lengths as a list of numbers"""
    COMPRESSED_RLE = 3
    """run lengths as text, COCO's compressed form"""


class MaskFlaw(IntFlag):
    """What is wrong with a mask."""

    MALFORMED_PART = 1
    """some part cannot be drawn: a polygon of fewer than three points or with half a point, or no numbers at all"""
    OTHER_SIZE = 2
    """a run-length code for an image of another size, which draws nothing"""
    BROKEN_RUNS = 4
    """a run-length code whose runs do not fill its size, which draws nothing"""
    BYTES_AS_TEXT = 8
    """a run-length code that Python wrote as the text "b'...'", which draws nothing"""
    FLAT_LIST = 16
    """the numbers of a polygon without the brackets of the list of polygons, which draws nothing"""
    EMPTY = 32
    """polygons without a single number, as [[]]"""


NOTHING_DRAWN = MaskFlaw.OTHER_SIZE | MaskFlaw.BROKEN_RUNS


CODE_ENCODINGS = {OPEN_LIST: MaskEncoding.RLE, QUOTE: MaskEncoding.COMPRESSED_RLE}
"""By the first character of the counts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Masks:
    """The masks of n annotations.

    Attributes:
        encodings: `MaskEncoding`, (n,).
        flaws: `MaskFlaw` flags but for the size, which the image tells, (n,).
        codes: position, height and width in pixels of each run-length code, (c, 3).
    """

    encodings: NDArray[np.uint8]
    flaws: NDArray[np.uint8]
    codes: Ints


def are_sound(segmentations: Sequence[Raw]) -> Bools:
    """Return which fields hold polygons alone, all of which can be drawn, (n,); each must be valid JSON.

    Their brackets are `[`, a pair for each polygon, `]`; numbers beside the polygons would take more commas.
    """
    text = np.frombuffer(SEPARATOR + SEPARATOR.join(segmentations) + SEPARATOR, dtype=np.uint8)
    marks = np.flatnonzero((text > NINE) | (text == QUOTE))  # separators, brackets, and what no sound one has
    kinds = text[marks]
    separators = np.flatnonzero(kinds == SEPARATOR[0])
    if len(separators) != len(segmentations) + 1:
        return np.zeros(len(segmentations), dtype=bool)
    commas = _ranks(text == COMMA, marks)
    inner = np.diff(commas)
    is_polygon = (
        (kinds[:-1] == OPEN_LIST) & (kinds[1:] == CLOSE_LIST) & (inner & 1 == 1) & (inner >= FEWEST_NUMBERS - 1)
    )
    polygons = np.cumsum(is_polygon)
    inner_commas = np.cumsum(inner * is_polygon)
    first, behind = separators[:-1], separators[1:]
    count = polygons[behind - 1] - polygons[first]
    all_commas, commas_of_polygons = np.diff(commas[separators]), inner_commas[behind - 1] - inner_commas[first]
    has_pairs_only = (kinds[first + 1] == OPEN_LIST) & (count > 0) & (behind - first == 2 * count + 3)
    return np.asarray(has_pairs_only & (all_commas == commas_of_polygons + count - 1))


def masks_of(segmentations: Sequence[Segmented]) -> Masks:
    """Return what the fields of n records hold; the field's text must be valid JSON."""
    encodings = np.full(len(segmentations), MaskEncoding.POLYGONS, dtype=np.uint8)
    flaws = np.zeros(len(segmentations), dtype=np.uint8)
    others = [index for index, each in enumerate(segmentations) if type(each) is not Raw]
    found = _masks_of([each for each in map(segmentations.__getitem__, others) if not isinstance(each, Raw)])
    encodings[others], flaws[others] = found.encodings, found.flaws
    codes = found.codes
    codes[:, 0] = np.array(others, dtype=np.int64)[codes[:, 0]]
    return Masks(encodings=encodings, flaws=flaws, codes=codes)


def _masks_of(segmentations: Sequence[SegmentationText]) -> Masks:
    count = len(segmentations)
    lists = [each if type(each) is list else NO_POLYGONS for each in segmentations]
    owners = np.repeat(np.arange(count), np.fromiter(map(len, lists), dtype=np.int64, count=count))
    numbers = number_counts(list(chain.from_iterable(lists)))
    is_drawable = (numbers >= FEWEST_NUMBERS) & (numbers % 2 == 0)
    has_polygon = np.bincount(owners[is_drawable], minlength=count) > 0
    is_unreadable = np.bincount(owners[numbers < 0], minlength=count) > 0
    encodings = np.where(has_polygon & ~is_unreadable, MaskEncoding.POLYGONS, MaskEncoding.NONE).astype(np.uint8)
    is_odd = np.bincount(owners[~is_drawable], minlength=count) > 0
    types = list(map(type, segmentations))
    if not set(types).isdisjoint(SCALARS):
        is_odd |= np.array([each in SCALARS for each in types], dtype=bool)
    flaws = np.where(is_odd, MaskFlaw.MALFORMED_PART, 0).astype(np.uint8)
    if is_odd.any():
        has_numbers = np.bincount(owners[numbers != 0], minlength=count) > 0
        is_empty = is_odd & ~has_numbers & (np.bincount(owners, minlength=count) > 0)
        flaws[is_empty] |= np.uint8(MaskFlaw.EMPTY)
    are_flat = [index for index in np.flatnonzero(is_unreadable).tolist() if _is_flat(lists[index])]
    flaws[np.array(are_flat, dtype=np.int64)] |= np.uint8(MaskFlaw.FLAT_LIST)
    positions = np.array([index for index, each in enumerate(types) if each is dict], dtype=np.int64)
    codes = _codes_of([each for each in map(segmentations.__getitem__, positions.tolist()) if isinstance(each, dict)])
    encodings[positions], flaws[positions] = codes.encodings, codes.flaws
    return Masks(encodings=encodings, flaws=flaws, codes=np.stack([positions, codes.heights, codes.widths], axis=1))


def no_masks(count: int) -> Masks:
    """Return what the fields of n records hold that have none."""
    encodings, flaws = np.full(count, MaskEncoding.NONE, dtype=np.uint8), np.zeros(count, dtype=np.uint8)
    return Masks(encodings=encodings, flaws=flaws, codes=np.zeros((0, 3), dtype=np.int64))


def _is_flat(parts: Sequence[Raw]) -> bool:
    """Return whether a list holds numbers where polygons should be."""
    return all(bytes(part)[:1] in NUMBER_CHARACTERS for part in (parts[0], parts[-1]))


def number_counts(polygons: Sequence[Raw]) -> Ints:
    """Return how many numbers each list has; -1 for what is no flat list of numbers."""
    if not polygons:
        return np.zeros(0, dtype=np.int64)
    text = b"".join(polygons)
    lengths = np.fromiter(map(len, polygons), dtype=np.int64, count=len(polygons))
    stops = np.cumsum(lengths)
    starts = stops - lengths
    characters = np.frombuffer(text, dtype=np.uint8)
    is_flat = (
        characters.max() <= CLOSE_LIST
        and b'"' not in text
        and np.count_nonzero(characters == OPEN_LIST) == len(polygons)
    )
    if not is_flat or not (characters[starts] == OPEN_LIST).all():  # `1e5` too is cause for doubt
        return np.array([_decoded_number_count(polygon) for polygon in polygons], dtype=np.int64)
    commas = np.diff(_ranks(characters == COMMA, np.append(0, stops)))
    return np.where(lengths == len("[]"), 0, commas + 1)


def _ranks(are_set: Bools, positions: Ints) -> Ints:
    """Return how many of the values before each position are set; a running sum over every value would take longer."""
    packed = np.packbits(are_set, bitorder="little")
    words = np.append(packed, np.zeros(16 - len(packed) % 8, dtype=np.uint8)).view("<u8")
    before = np.append(0, np.cumsum(np.bitwise_count(words), dtype=np.int64))
    word = positions >> 6
    in_word = words[word] & ((np.uint64(1) << (positions & 63).astype(np.uint64)) - np.uint64(1))
    return np.asarray(before[word] + np.bitwise_count(in_word))


def _decoded_number_count(polygon: Raw) -> int:
    try:
        return len(msgspec.json.decode(polygon, type=list[float]))
    except msgspec.DecodeError:
        return -1


class _Codes(NamedTuple):
    """Run-length codes as columns."""

    encodings: NDArray[np.uint8]
    flaws: NDArray[np.uint8]
    heights: Ints
    widths: Ints


def _codes_of(codes: Sequence[dict[str, Raw]]) -> _Codes:
    sizes = np.array([_size(code.get("size")) for code in codes], dtype=np.int64).reshape(-1, 2)
    counts = [code.get("counts") if height != NO_SIZE else None for code, (height, _) in zip(codes, sizes, strict=True)]
    encodings = np.array([_code_encoding(each) for each in counts], dtype=np.uint8)
    filled = np.full(len(codes), BROKEN, dtype=np.int64)
    are_lists = np.flatnonzero(encodings == MaskEncoding.RLE)
    are_texts = np.flatnonzero(encodings == MaskEncoding.COMPRESSED_RLE)
    texts = [_text(counts[index]) for index in are_texts.tolist()]
    filled[are_lists] = _sums([counts[index] for index in are_lists.tolist()])
    filled[are_texts] = filled_px(texts)
    is_code, heights, widths = encodings != MaskEncoding.NONE, sizes[:, 0], sizes[:, 1]
    heights, widths = np.where(is_code, heights, NO_SIZE), np.where(is_code, widths, NO_SIZE)
    flaws = np.where(is_code, 0, MaskFlaw.MALFORMED_PART).astype(np.uint8)
    flaws[is_code & ((filled == BROKEN) | (filled != heights * widths))] |= np.uint8(MaskFlaw.BROKEN_RUNS)
    are_bytes = np.array([text.startswith(BYTES_PREFIXES) for text in texts], dtype=bool)
    flaws[are_texts[are_bytes]] |= np.uint8(MaskFlaw.BYTES_AS_TEXT)
    return _Codes(encodings, flaws, heights, widths)


def _size(raw: Raw | None) -> tuple[int, int]:
    """Return height and width."""
    try:
        height, width = _size_decoder.decode(raw or b"")
    except msgspec.DecodeError:
        return NO_SIZE, NO_SIZE
    is_size = all(0 <= side <= LONGEST_SIDE_PX and side.is_integer() for side in (height, width))
    return (int(height), int(width)) if is_size else (NO_SIZE, NO_SIZE)


def _code_encoding(counts: Raw | None) -> int:
    return MaskEncoding.NONE if counts is None else CODE_ENCODINGS.get(memoryview(counts)[0], MaskEncoding.NONE)


def _text(counts: Raw | None) -> bytes:
    """Return a compressed code; where it is no text in ASCII it is none."""
    try:
        return _text_decoder.decode(counts or b"").encode("ascii")
    except (msgspec.DecodeError, UnicodeError):
        return b""


def _sums(counts: Sequence[Raw | None]) -> Sequence[int] | Ints:
    """Return what each list of runs fills: all at once where they hold nothing but plain numbers."""
    text = b"".join(filter(None, counts)).translate(None, b"[ \t\r\n")
    characters = np.frombuffer(text, dtype=np.uint8)
    is_end = (characters == COMMA) | (characters == CLOSE_LIST)
    ends = np.flatnonzero(is_end)
    lengths = np.diff(ends, prepend=-1) - 1
    are_plain = ((characters >= ZERO) & (characters <= NINE) | is_end).all() and lengths.max(initial=0) <= WORD_DIGITS
    last = np.flatnonzero(characters[ends] == CLOSE_LIST)
    if not are_plain or len(last) != len(counts):
        return [_sum(each) for each in counts]
    sums = np.diff(np.cumsum(_whole_numbers(characters, ends, lengths))[last], prepend=0)
    is_empty = (np.diff(last, prepend=-1) == 1) & (lengths[last] == 0)
    return np.where(is_empty | (sums > LARGEST_RUN), BROKEN, sums)


def _whole_numbers(characters: NDArray[np.uint8], ends: Ints, lengths: Ints) -> Ints:
    """Return the numbers of at most eight digits that end before each position: the digits of one are a word.

    Neighbours are joined three times: eight digits to four numbers, these to two, these to one.
    """
    text = np.append(np.zeros(WORD_DIGITS, dtype=np.uint8), characters)
    words = np.ndarray(len(characters) + 1, "<u8", text, strides=(1,))[ends] & OWN_DIGITS[lengths]
    for factor, shift, mask in JOINING:
        words = (words * factor >> shift) & mask
    return np.asarray(words, dtype=np.int64)


def _filled(runs: Sequence[int]) -> int:
    filled = sum(runs) if runs else BROKEN
    return filled if filled <= LARGEST_RUN else BROKEN


def _sum(counts: Raw | None) -> int:
    """Return what a list of runs fills."""
    try:
        runs = _runs_decoder.decode(counts or b"")
    except msgspec.DecodeError:
        return _sum_of_floats(counts)
    return _filled(runs) if min(runs, default=0) >= 0 else BROKEN


def _sum_of_floats(counts: Raw | None) -> int:
    """Return the same for runs of which some are written as 1.0."""
    try:
        runs = _floats_decoder.decode(counts or b"")
    except msgspec.DecodeError:
        return BROKEN
    return int(sum(runs)) if all(run.is_integer() and 0 <= run <= LARGEST_RUN for run in runs) else BROKEN
