"""Kinds and flaws of masks, told from text, are what decoding each of them says, and what can be drawn."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from pycocotools import mask as coco_mask

from cocomine.coco.mask_encoding import (
    LONGEST_SIDE_PX,
    MaskEncoding,
    MaskFlaw,
    Masks,
    SegmentationText,
    are_sound,
    masks_of,
)
from cocomine.coco.masks import Segmentation, native_mask, polygons_of
from cocomine.coco.size import Size

SIDE = 12
SQUARE = "[2, 2, 9, 2, 9, 9, 2, 9]"
NONE, POLYGONS, RLE, COMPRESSED_RLE = MaskEncoding
_decoder = msgspec.json.Decoder(list[SegmentationText])
_raws = msgspec.json.Decoder(list[Raw])
_drawn_decoder = msgspec.json.Decoder(list[list[float]] | dict[str, Any] | None)

BLANKS = st.sampled_from(["", "", "", " ", "\n", "\r\n\t "])
NUMBERS = st.sampled_from(["0", "-0", "7", "11.25", "-3.5", "1e1", "1E1", "2.5E+0", "5e-3", "0.0"]) | st.integers(
    -(2**70), 2**70
).map(str)
NO_NUMBERS = st.sampled_from(['"1"', '"1, 2"', '"[1, 2]"', '"}"', "null", "true", "[]", "[1]", "{}", '{"a": [1, 2]}'])


def joined(parts: list[str], gap: str) -> str:
    return "[" + gap + f"{gap},{gap}".join(parts) + gap + "]"


FLAT = st.builds(joined, st.lists(NUMBERS, max_size=20), BLANKS)
MIXED = st.builds(joined, st.lists(NUMBERS | NO_NUMBERS, max_size=9), BLANKS)
LISTS = st.builds(joined, st.lists(FLAT, max_size=4), BLANKS)
ODD_LISTS = st.builds(joined, st.lists(FLAT | MIXED | NUMBERS | NO_NUMBERS, max_size=4), BLANKS)
SIZES = st.sampled_from(
    ["[12, 12]", "[0, 5]", "[-1, 5]", "[1]", "[1, 2, 3]", "[12, 2147483648]", '"12"', "null", '["1", 2]']
)
COUNTS = st.sampled_from(["[]", "[144]", "[40, 50, 54]", '""', '"X6"', "7", "null", "{}", '[["a"]]'])
CODES = st.dictionaries(st.sampled_from(["size", "counts", "other"]), SIZES | COUNTS).map(
    lambda fields: "{" + ", ".join(f'"{key}" : {value}' for key, value in fields.items()) + "}"
)
OTHERS = st.sampled_from(["null", '"text"', '"[[1, 2]]"', "5", "true", "1.5", "[]", "{}"])
SEGMENTATIONS = LISTS | LISTS | ODD_LISTS | CODES | OTHERS


def masks(texts: list[str]) -> Masks:
    """Return masks as an annotation file is read: what is sound stays text."""
    listed = "[" + ",".join(texts) + "]"
    raws, values = _raws.decode(listed), _decoder.decode(listed)
    sound = are_sound(raws).tolist()
    return masks_of([raw if is_sound else value for raw, value, is_sound in zip(raws, values, sound, strict=True)])


def told(text: str) -> tuple[int, bool, list[list[int]]]:
    """Return kind, whether a part is odd, and the size of a run-length code."""
    found = masks([text])
    return int(found.encodings[0]), bool(found.flaws[0] & MaskFlaw.MALFORMED_PART), found.codes[:, 1:].tolist()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def by_definition(text: str) -> tuple[int, bool, list[list[int]]]:
    """Return the same by decoding it."""
    value = json.loads(text)
    if isinstance(value, dict):
        return by_definition_of_code(value)
    if not isinstance(value, list):
        return NONE, value is not None, []
    are_flat = [isinstance(polygon, list) and all(map(is_number, polygon)) for polygon in value]
    are_drawable = [flat and len(each) >= 6 and len(each) % 2 == 0 for flat, each in zip(are_flat, value, strict=True)]
    return POLYGONS if any(are_drawable) and all(are_flat) else NONE, not all(are_drawable), []


def by_definition_of_code(code: dict[str, Any]) -> tuple[int, bool, list[list[int]]]:
    size, counts = code.get("size"), code.get("counts")
    is_size = isinstance(size, list) and len(size) == 2 and all(is_number(side) and 0 <= side < 2**31 for side in size)
    if not is_size or "counts" not in code:
        return NONE, True, [[-1, -1]]
    kind = RLE if isinstance(counts, list) else COMPRESSED_RLE if isinstance(counts, str) else NONE
    return kind, kind == NONE, [[int(side) for side in size or []] if kind else [-1, -1]]


@given(text=SEGMENTATIONS)
def test_a_mask_is_what_decoding_it_says(text: str) -> None:
    assert told(text) == by_definition(text)


@given(texts=st.lists(LISTS | CODES | OTHERS, max_size=8) | st.lists(SEGMENTATIONS, max_size=8))
def test_many_masks_are_told_as_each_alone(texts: list[str]) -> None:
    found = masks(texts)
    alone = [told(text) for text in texts]
    assert list(zip(found.encodings, found.flaws & MaskFlaw.MALFORMED_PART > 0, strict=True)) == [
        (kind, is_odd) for kind, is_odd, _ in alone
    ]
    assert found.codes.tolist() == [[index, *size] for index, (_, _, sizes) in enumerate(alone) for size in sizes]


@given(texts=st.lists(SEGMENTATIONS, max_size=8))
def test_sound_are_those_of_which_every_polygon_can_be_drawn(texts: list[str]) -> None:
    raws = _raws.decode("[" + ",".join(texts) + "]")
    told_sound = [kind == POLYGONS and not is_odd for kind, is_odd, _ in map(by_definition, texts)]
    plain = [sound and not set("eE") & set(text) for sound, text in zip(told_sound, texts, strict=True)]
    assert are_sound(raws).tolist() == plain


def test_what_is_no_utf8_makes_no_mask_beside_it_another() -> None:
    raws = _raws.decode(b'[[[1,2,3,4,5,6]],"\xff[[1,2,3,4,5,6]]\xff",[[1,2,3]]]')
    assert not are_sound(raws).any()


@given(
    lists=st.lists(st.lists(st.integers(0, 10**9) | st.integers(0, 99), min_size=1, max_size=5), max_size=4),
    gap=BLANKS,
)
def test_runs_fill_their_sum(lists: list[list[int]], gap: str) -> None:
    codes = [(sum(runs), joined(list(map(str, runs)), gap)) for runs in lists]
    texts = [f'{{"size": [1, {total + add}], "counts": {runs}}}' for add in (0, 1) for total, runs in codes]
    assert [int(flaws) for flaws in masks(texts).flaws] == [
        MaskFlaw.MALFORMED_PART if total > LONGEST_SIDE_PX else flaw
        for add, flaw in ((0, 0), (1, MaskFlaw.BROKEN_RUNS))
        for total in (total + add for total, _ in codes)
    ]


@given(text=SEGMENTATIONS)
def test_polygons_are_told_where_some_can_be_drawn_and_nowhere_else(text: str) -> None:
    assert (told(text)[0] == POLYGONS) == bool(polygons_of(decoded(text)))


@given(text=SEGMENTATIONS)
def test_nothing_is_drawn_where_no_mask_is_told(text: str) -> None:
    if told(text)[0] == NONE:
        assert not native_mask(decoded(text), Size.square(SIDE)).any()


def decoded(text: str) -> Segmentation:
    try:
        segmentation: Segmentation = _drawn_decoder.decode(text)
    except msgspec.DecodeError:
        return None
    return segmentation


@pytest.mark.parametrize(
    ("text", "kind", "is_odd"),
    [
        ("null", NONE, False),
        ("[]", NONE, False),
        (f"[{SQUARE}]", POLYGONS, False),
        (f"[{SQUARE}, {SQUARE}]", POLYGONS, False),
        (f"[{SQUARE}, [1, 2, 3, 4]]", POLYGONS, True),
        (f"[{SQUARE}, []]", POLYGONS, True),
        (f"[{SQUARE}, [1, 2, 3, 4, 5, 6, 7]]", POLYGONS, True),
        (f"[{SQUARE}, null]", NONE, True),
        (f'[{SQUARE}, ["1", 2, 3, 4, 5, 6]]', NONE, True),
        (f"[[{SQUARE}]]", NONE, True),
        (SQUARE, NONE, True),
        ("[[]]", NONE, True),
        ("[[ ]]", NONE, True),
        ("[[1e0, 2, 9, 2, 9, 9]]", POLYGONS, False),
        ("[[1E0, 2, 9, 2, 9, 9]]", POLYGONS, False),
        ('[["[1, 2, 3, 4, 5, 6]"]]', NONE, True),
        ('"[[1, 2, 3, 4, 5, 6]]"', NONE, True),
        ("{}", NONE, True),
        ('{"size": [12, 12]}', NONE, True),
        ('{"counts": [144]}', NONE, True),
        ('{"size": [12, 12], "counts": null}', NONE, True),
        ('{"size": [12, 12], "counts": [144]}', RLE, False),
        ('{"size": [12, 12], "counts": "PT4"}', COMPRESSED_RLE, False),
    ],
)
def test_masks_by_hand(text: str, kind: MaskEncoding, is_odd: bool) -> None:
    assert told(text)[:2] == (kind, is_odd)


def test_no_masks_are_none() -> None:
    assert [len(column) for column in (masks([]).encodings, masks([]).flaws, masks([]).codes)] == [0, 0, 0]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 63, 64, 65, 200])
def test_an_odd_polygon_is_found_at_every_place(count: int) -> None:
    found = masks([f"[{SQUARE}]"] * count + ["[[1, 2]]"] + [f"[{SQUARE}]"] * count)
    assert found.flaws.nonzero()[0].tolist() == [count]


BROKEN, BYTES, NO_LIST, ODD = MaskFlaw.BROKEN_RUNS, MaskFlaw.BYTES_AS_TEXT, MaskFlaw.FLAT_LIST, MaskFlaw.MALFORMED_PART


@pytest.mark.parametrize(
    ("text", "flaws"),
    [
        ('{"size": [12, 12], "counts": [40, 50, 54]}', 0),
        ('{"size": [12.0, 12], "counts": [40.0, 104]}', 0),
        ('{"size": [12, 12], "counts": "PT4"}', BROKEN),
        ('{"size": [12, 12], "counts": "`4"}', 0),
        ('{"size": [12, 12], "counts": [40, 50, 53]}', BROKEN),
        ('{"size": [12, 12], "counts": [40, 50, 55]}', BROKEN),
        ('{"size": [12, 12], "counts": [40, -50, 154]}', BROKEN),
        ('{"size": [12, 12], "counts": [40.5, 103.5]}', BROKEN),
        ('{"size": [12, 12], "counts": [144, "1"]}', BROKEN),
        ('{"size": [12, 12], "counts": []}', BROKEN),
        ('{"size": [12, 12], "counts": ""}', BROKEN),
        ('{"size": [12, 12], "counts": "\\u00fc"}', BROKEN),
        ('{"size": [12, 12], "counts": "b\'`4\'"}', BROKEN | BYTES),
        (SQUARE, NO_LIST | ODD),
        ("[1.5]", NO_LIST | ODD),
        ('["1", "2", "3", "4", "5", "6"]', ODD),
        (f"[[{SQUARE}]]", ODD),
        ("5", ODD),
        ("[[], []]", ODD | MaskFlaw.EMPTY),
        ("[[], [1, 2]]", ODD),
    ],
)
def test_flaws_by_hand(text: str, flaws: int) -> None:
    assert masks(["[]", text, f"[{SQUARE}]"]).flaws.tolist() == [0, flaws, 0]


RUNS_OF_A_MASK = st.lists(st.integers(0, 60), min_size=1, max_size=6)


@given(
    runs=RUNS_OF_A_MASK, as_text=st.booleans(), cut=st.integers(0, 3), more=st.sampled_from(["", "0", "1", "P1", "'"])
)
def test_a_code_is_sound_where_pycocotools_draws_it_whole(runs: list[int], as_text: bool, cut: int, more: str) -> None:
    runs = [*runs, SIDE * SIDE - sum(runs)] if sum(runs) <= SIDE * SIDE else runs
    code: Any = {"size": [SIDE, SIDE], "counts": runs}
    if as_text:
        text = coco_mask.frPyObjects(code, SIDE, SIDE)["counts"].decode()
        code["counts"] = text[: len(text) - cut] + more
    is_sound = not masks([json.dumps(code)]).flaws[0]
    drawn = native_mask(code, Size.square(SIDE))
    assert is_sound or not drawn.any()
    if is_sound:
        peer = coco_mask.decode(code if as_text else coco_mask.frPyObjects(code, SIDE, SIDE))
        assert (drawn == peer).all()
