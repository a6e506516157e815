"""Whatever a JSON document looks like and wherever its blocks are cut, each record and each member is found."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from itertools import chain, compress, cycle, pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cocomine.coco.reading import block_borders, json_blocks, json_cursor
from cocomine.coco.reading.json_blocks import Block, Reader, Readers, Stretch, WrongFormError, scanned, stretch_blocks
from cocomine.coco.reading.json_cursor import MalformedJsonError
from cocomine.coco.reading.lenient import LenientReader, RecordError, whole

Pairs = tuple[tuple[str, Any], ...]
"""An object, whose keys may be there twice."""
WIDE = " " * (block_borders.LONGEST_GAP + 6)
WHOLE = 1 << 22

NASTY = st.sampled_from(["}, {", "}]", "[{", '"', "\\", '\\"}', "},{", "]}", "ü𝄞", "\u0000\n\t", ",", ""])
NAMES = NASTY | st.text(max_size=4)
NUMBERS = st.integers(-(2**64), 2**64) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | NAMES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(NAMES, inner), max_size=3).map(tuple)
        | st.lists(st.just(()) | st.tuples(st.tuples(NAMES, inner)), max_size=4)
    ),
    max_leaves=8,
)
PARTS: Pairs = (("parts", [(), (), ()]),)
RECORDS = st.lists(st.lists(st.tuples(NAMES, VALUES), max_size=3).map(tuple), max_size=6)
GAPS = st.lists(st.sampled_from(["", "", " ", "\n", "\r\n\t  ", WIDE]), min_size=1, max_size=7)
BLOCK_SIZES = st.sampled_from([1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 200, WHOLE])


class _Numbered(msgspec.Struct):
    id: int


LISTS = ("images", "annotations")
FIELDLESS: LenientReader[Any] = LenientReader(kind=dict, fields={}, required=frozenset())
NUMBER: LenientReader[Any] = LenientReader(kind=_Numbered, fields={"id": whole}, required=frozenset({"id"}))
READERS: Readers = {key: Reader(msgspec.json.Decoder(list[dict[str, Any]]), FIELDLESS) for key in LISTS}
NUMBERED: Readers = {key: Reader(msgspec.json.Decoder(list[_Numbered]), NUMBER) for key in LISTS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One member as it was scanned; records and their bytes of a list with a reader."""

    key: str
    value: bytes
    is_list: bool
    records: list[Any]
    texts: list[bytes]
    remarked: list[int]


def written(value: Any, gaps: Iterator[str], *, ascii_only: bool = False) -> str:
    """Return JSON with these gaps at every position where one may be."""

    def put(value: Any) -> str:
        if isinstance(value, tuple):
            pairs = (f"{put(key)}{next(gaps)}:{next(gaps)}{put(each)}" for key, each in value)
            return "{" + joined(pairs) + "}"
        if isinstance(value, list):
            return "[" + joined(put(each) for each in value) + "]"
        return json.dumps(value, ensure_ascii=ascii_only)

    def joined(parts: Iterator[str]) -> str:
        return next(gaps) + f"{next(gaps)},{next(gaps)}".join(parts) + next(gaps)

    return put(value)


def stretches(file: FileIO, data: bytes, starts: Sequence[int]) -> dict[int, Stretch]:
    """Read a document ahead from some places on, each up to the next one, as every list that it may be part of."""
    found: dict[int, Stretch] = {}
    for start, stop in pairwise([*starts, len(data)]):
        for key in LISTS:
            blocks = [
                (block.count, block.stop, block.is_last, (block.records, block.spans.tolist()))
                for block in stretch_blocks(file, READERS, key, start=start, stop=stop)
            ]
            if blocks and start not in found:
                counts, stops, are_last, parts = zip(*blocks, strict=True)
                found[start] = Stretch(
                    key=key, start=start, stop=stops[-1], is_last=are_last[-1], count=sum(counts), parts=parts
                )
    return found


def scan(
    data: bytes, readers: Readers = READERS, *, block_bytes: int = WHOLE, starts: Sequence[int] = ()
) -> list[Found]:
    found: list[Found] = []
    records: list[Any] = []
    texts: list[bytes] = []
    remarked: list[int] = []
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryFile(buffering=0) as file:
        patch.setattr(json_blocks, "BLOCK_BYTES", block_bytes)
        file.write(data)
        for part in scanned(file, len(data), readers, stretches(file, data, starts)):
            if isinstance(part, Stretch):
                records += chain.from_iterable(each for each, _ in part.parts)
                texts += [data[start:stop] for _, spans in part.parts for start, stop in spans]
                continue
            if isinstance(part, Block):
                records += part.records
                remarked += [part.records[position].id for each in part.remarks.values() for position in each]
                texts += [data[start:stop] for start, stop in part.spans.tolist()]
                continue
            value = data[part.start : part.stop]
            found.append(
                Found(key=part.key, value=value, is_list=part.is_list, records=records, texts=texts, remarked=remarked)
            )
            records, texts, remarked = [], [], []
    return found


def plain(value: Any) -> Any:
    """Return what `json.loads` makes of a value: of two equal keys the last."""
    return json.loads(written(value, cycle([""])))


@st.composite
def documents(draw: st.DrawFn) -> Pairs:
    """Return members in any order, with others around them; no list with a decoder is there twice."""
    known = [(key, draw(RECORDS | st.none())) for key in LISTS[: draw(st.integers(0, 2))]]
    others = draw(st.lists(st.tuples(NAMES, VALUES | RECORDS), max_size=4, unique_by=lambda pair: pair[0]))
    return tuple(draw(st.permutations([*known, *others])))


@pytest.mark.slow
@given(document=documents(), gaps=GAPS, ascii_only=st.booleans(), block_bytes=BLOCK_SIZES, mark=st.booleans())
@example(document=(("images", [(("id", 1),)]),), gaps=[WIDE], ascii_only=False, block_bytes=WHOLE, mark=False)
@example(document=(("images", [PARTS, ()]),), gaps=[""] * 4 + [WIDE], ascii_only=False, block_bytes=WHOLE, mark=False)
@example(document=(("x", [PARTS, 5, ()]),), gaps=[""], ascii_only=False, block_bytes=WHOLE, mark=False)
@example(document=(("x", [PARTS, None]),), gaps=[""], ascii_only=False, block_bytes=WHOLE, mark=False)
@example(document=(("x", ()), ("images", [])), gaps=["", WIDE], ascii_only=True, block_bytes=1, mark=True)
def test_every_member_and_record_is_what_json_says(
    document: Pairs, gaps: list[str], ascii_only: bool, block_bytes: int, mark: bool
) -> None:
    text = written(document, cycle(gaps), ascii_only=ascii_only)
    found = scan(b"\xef\xbb\xbf" * mark + text.encode(), block_bytes=block_bytes)
    assert [(each.key, json.loads(each.value)) for each in found] == [(key, plain(value)) for key, value in document]
    assert [each.is_list for each in found] == [isinstance(value, list) for _, value in document]
    for each, (key, value) in zip(found, document, strict=True):
        expected = plain(value) if key in LISTS and value else []
        assert [json.loads(text) for text in each.texts] == expected
        assert each.records == expected


@pytest.mark.parametrize("block_bytes", range(1, 130))
def test_a_block_may_be_cut_at_any_byte(block_bytes: int) -> None:
    records = [{"id": 1, "text": "}, {", "parts": [{}, {"a": "}]"}]}, {"id": 2, "text": '\\"}]'}, {"id": 3}]
    data = json.dumps({"images": records, "annotations": records[::-1]}).encode()
    first, second = scan(data, block_bytes=block_bytes)
    assert (first.records, second.records) == (records, records[::-1])
    assert [json.loads(text) for text in first.texts + second.texts] == records + records[::-1]


@pytest.mark.slow
@given(
    document=documents(),
    gaps=GAPS,
    ascii_only=st.booleans(),
    block_bytes=BLOCK_SIZES,
    tried=st.lists(st.booleans(), min_size=1, max_size=9),
)
@example(document=(("images", [PARTS, ()]),), gaps=[""], ascii_only=False, block_bytes=WHOLE, tried=[True])
def test_where_other_processes_tried_to_begin_changes_nothing(
    document: Pairs, gaps: list[str], ascii_only: bool, block_bytes: int, tried: list[bool]
) -> None:
    data = written(document, cycle(gaps), ascii_only=ascii_only).encode()
    starts = list(compress(opening_braces(data), cycle(tried)))
    assert scan(data, block_bytes=block_bytes, starts=starts) == scan(data)


def opening_braces(data: bytes) -> list[int]:
    """Return where each `{` is, in strings and nested lists as well."""
    return [position for position, character in enumerate(data) if character == ord("{")]


@pytest.mark.parametrize("start", range(1, 180))
def test_a_stretch_may_begin_at_any_byte(start: int) -> None:
    records = [{"id": 1, "text": "}, {", "parts": [{}, {"a": "}]"}]}, {"id": 2, "text": '\\"}, {'}, {"id": 3}]
    data = json.dumps({"images": records, "annotations": records[::-1]}).encode()
    assert scan(data, block_bytes=40, starts=[start]) == scan(data)


def test_a_stretch_is_taken_where_it_belongs_and_only_there() -> None:
    data = b'{"x": [{"id": 0}], "images": [{"id": 1}, {"id": 2}], "annotations": [{"id": 3}, {"id": 4}]}'
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(data)
        ahead = stretches(file, data, opening_braces(data))
        taken = [part.start for part in scanned(file, len(data), READERS, ahead) if isinstance(part, Stretch)]
    assert taken == [data.index(b'{"id": %d' % number) for number in (1, 2)]  # those of x and annotations are of others


@pytest.mark.slow
@given(
    document=documents(),
    block_bytes=BLOCK_SIZES,
    place=st.floats(0, 1, exclude_max=True),
    sign=st.sampled_from([b"}", b"{", b"]", b"[", b",", b'"', b"\\", b"x", b"", b"NaN", b"\x00", b"\xff"]),
)
def test_a_document_that_is_broken_is_refused_wherever_others_begin(
    document: Pairs, block_bytes: int, place: float, sign: bytes
) -> None:
    data = written(document, cycle([""])).encode()
    position = int(place * len(data))
    data = data[:position] + sign + data[position + 1 :]
    assert outcome(data, block_bytes, opening_braces(data)) == outcome(data, block_bytes, [])


def outcome(data: bytes, block_bytes: int, starts: Sequence[int]) -> Any:
    """Return what a scan finds, None where it refuses; of several flaws any may be the first."""
    try:
        return scan(data, block_bytes=block_bytes, starts=starts)
    except (MalformedJsonError, RecordError, WrongFormError):
        return None


def test_what_is_not_known_may_be_there_twice() -> None:
    found = scan(b'{"x": 1, "images": [{"id": 1}], "x": [{"id": 2}], "x": null}')
    assert [each.key for each in found] == ["x", "images", "x", "x"]


@pytest.mark.parametrize("twice", [b'{"images": [], "images": []}', b'{"images": [{"a": 1}], "images": null}'])
def test_a_list_with_a_decoder_is_there_once(twice: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="'images' is there twice"):
        scan(twice)


DOCUMENT: Pairs = (
    ("info", (("text", '}, {"'), ("n", [1.5e3, None, ()]))),
    ("images", [(("id", 1), ("text", "}, {"), ("parts", [(), (("a", "}]"),)])), (("id", 2),), ()]),
    ("x", [(("a", 1),), (), 5, [()]]),
    ("empty", []),
    ("annotations", [(("id", -1), ("text", '\\"}]é'))]),
)
NARROW_AND_WIDE = [("", 5), ("", WHOLE), (" ", 1), ("\n", 34), (WIDE, WHOLE)]


@pytest.mark.parametrize(("gap", "block_bytes"), NARROW_AND_WIDE)
def test_no_beginning_of_a_document_is_taken_for_the_whole(gap: str, block_bytes: int) -> None:
    data = written(DOCUMENT, cycle(["", gap])).encode()
    assert len(scan(data, block_bytes=block_bytes)) == len(DOCUMENT)
    last = len(data.rstrip())
    for length in range(0, last, 1 + len(gap) // 10):
        with pytest.raises(MalformedJsonError, match=r"truncated|malformed|empty"):
            scan(data[:length], block_bytes=block_bytes)


@given(document=documents(), gaps=GAPS, block_bytes=BLOCK_SIZES, share=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_any_document_is_taken_for_the_whole(
    document: Pairs, gaps: list[str], block_bytes: int, share: float
) -> None:
    data = written(document, cycle(gaps)).encode()
    with pytest.raises(MalformedJsonError):
        scan(data[: int(share * len(data))], block_bytes=block_bytes)


@pytest.mark.parametrize("block_bytes", [1, 30, WHOLE])
@pytest.mark.parametrize("behind", [b"x", b"{}", b",", b"]", b"\x00", b"\x0c", b"\xef\xbb\xbf"])
def test_nothing_may_follow_a_document(behind: bytes, block_bytes: int) -> None:
    with pytest.raises(MalformedJsonError):
        scan(b'{"images": [{"id": 1}]}' + behind, block_bytes=block_bytes)


@pytest.mark.parametrize(
    "text",
    [
        b'{"images": [{"id": 1},]}',
        b'{"images": [{"id": 1} {"id": 2}]}',
        b'{"images": [{"id": 1}], }',
        b'{"images": [{"id": 1}] "x": 1}',
        b'{"images": [{"id": 01}]}',
        b'{"images": [{"id": 1},\x0c{"id": 2}]}',
        b'{"images":\x0b[]}',
        b'{"x": 1\x0c, "images": []}',
        b'{"x": [1, 2}, "images": []}',
        b'{"x": 1.}',
        b'{"x": tru}',
        b'{"x": "\n"}',
        b'{"x" 1}',
        b"{x: 1}",
        b"{'x': 1}",
        b'{"\\x": 1}',
        b'{"images": [5, tru]}',
        b"{,}",
        b"",
        b" ",
        b"{",
    ],
)
@pytest.mark.parametrize("block_bytes", [1, WHOLE])
def test_what_is_no_json_is_refused(text: bytes, block_bytes: int) -> None:
    with pytest.raises((MalformedJsonError, RecordError)):
        scan(text, block_bytes=block_bytes)


@pytest.mark.parametrize("text", [b"3", b"[]", b"null", b'"{}"', b" true "])
def test_what_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(WrongFormError) as caught:
        scan(text)
    assert (caught.value.key, caught.value.value) == ("", text)


@pytest.mark.parametrize("value", [b"{}", b"3", b'"text"', b"true", b'{"a": [{}]}'])
def test_a_member_with_a_reader_is_a_list_or_null(value: bytes) -> None:
    with pytest.raises(WrongFormError) as caught:
        scan(b'{"images": ' + value + b"}")
    assert (caught.value.key, caught.value.value) == ("images", value)


def records_with(wrong: Any, position: int, *, count: int = 6) -> list[Any]:
    """Return records with lists of objects inside, of which one is wrong."""
    good = [{"id": index, "parts": [{"a": 1}, {"b": "}, {"}]} for index in range(count)]
    return [*good[:position], wrong, *good[position:]]


@given(
    wrong=st.sampled_from([{"id": "1"}, {"id": None, "parts": [{}, {}]}, {"parts": [{}]}, {}, None, 5, "}]", [{}]]),
    position=st.integers(0, 6),
    gaps=GAPS,
    block_bytes=BLOCK_SIZES,
    key=st.sampled_from(LISTS),
)
def test_a_record_of_wrong_type_is_told_by_list_place_and_bytes(
    wrong: Any, position: int, gaps: list[str], block_bytes: int, key: str
) -> None:
    value = {"x": [{}, 5], key: records_with(wrong, position), "info": {}}
    data = written(_as_pairs(value), cycle(gaps)).encode()
    with pytest.raises(RecordError, match=r"must be an object|must be a whole number|'id' is missing") as caught:
        scan(data, NUMBERED, block_bytes=block_bytes)
    assert (caught.value.key, caught.value.index) == (key, position)
    assert json.loads(caught.value.record) == wrong
    assert caught.value.record in data


def _as_pairs(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _as_pairs(each)) for key, each in value.items())
    return [_as_pairs(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("block_bytes", [1, 40, WHOLE])
@pytest.mark.parametrize("position", [0, 3, 6])
def test_a_record_that_is_no_utf_8_is_told_by_place_and_bytes(position: int, block_bytes: int) -> None:
    data = json.dumps({"images": records_with({"id": 7, "NAME": 1}, position)}).encode().replace(b"NAME", b"\xff")
    with pytest.raises(RecordError, match="Save the file as UTF-8") as caught:
        scan(data, block_bytes=block_bytes)
    assert (caught.value.key, caught.value.index) == ("images", position)
    assert caught.value.record == b'{"id": 7, "\xff": 1}'


NOT_STRICT = [b"NaN", b"-Infinity", b"Infinity", b'"\\ud83d"', b'"NaN \\udcff"', b'[{}, {"a": NaN}]', b'{"\\ud83d": 1}']


@pytest.mark.parametrize("block_bytes", [1, 40, WHOLE])
@pytest.mark.parametrize("odd", NOT_STRICT)
def test_what_only_python_takes_for_json_is_passed_over_and_remarked(odd: bytes, block_bytes: int) -> None:
    data = json.dumps({"x": "ODD", "images": records_with({"id": 7, "more": "ODD"}, 3)}).encode()
    data = data.replace(b'"ODD"', odd)
    other, images = scan(data, NUMBERED, block_bytes=block_bytes)
    assert other.value == odd
    assert images.texts[3] == b'{"id": 7, "more": ' + odd + b"}"
    assert [record.id for record in images.records] == [0, 1, 2, 7, 3, 4, 5]
    assert images.remarked == [7]


@pytest.mark.parametrize("text", [b'{"x": "NaN", "images": [{"id": 1, "more": "Infinity NaN \\\\ud800"}]}'])
def test_a_text_that_only_names_them_is_left_alone(text: bytes) -> None:
    assert scan(text, NUMBERED)[1].remarked == []


@pytest.mark.parametrize("character", ["e+5", "E-5", ".5", "", "5"])
@pytest.mark.parametrize("digits", range(4090, 4100))
def test_a_number_of_any_length_is_one_member(digits: int, character: str) -> None:
    number = "1" * digits + character
    found = scan(f'{{"x":{number},"images":[{{"id":1}}]}}'.encode())
    assert [each.value.decode() for each in found] == [number, '[{"id":1}]']


@pytest.mark.parametrize("digits", [4_300, 4_301, 100_000, 3_000_000])
def test_a_number_longer_than_python_reads_is_passed_over(digits: int) -> None:
    number = b"1" * digits
    assert [each.value for each in scan(b'{"x":' + number + b',"images":[]}')] == [number, b"[]"]


def test_a_member_longer_than_a_megabyte_is_found() -> None:
    value = json.dumps({"text": "}" * (3 << 20)}).encode()
    found = scan(b'{"info": ' + value + b', "images": [{"id": 1}]}')
    assert [each.value for each in found] == [value, b'[{"id": 1}]']


@pytest.mark.parametrize("member", [b'"x": ', b'"images": [{"n": '])
def test_nesting_deeper_than_can_be_decoded_is_told(member: bytes) -> None:
    with pytest.raises(MalformedJsonError, match="recursion"):
        scan(b"{" + member + b"[" * 100_000)


def test_a_file_that_was_emptied_meanwhile_is_told() -> None:
    with tempfile.TemporaryFile(buffering=0) as file, pytest.raises(MalformedJsonError, match="empty"):
        list(scanned(file, 100, READERS))


class CountedFile(FileIO):
    """A file that counts how often and how much of it is read."""

    calls = 0
    bytes_read = 0

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        self._count(len(data))
        return data

    def readinto(self, buffer: Any, /) -> int:
        count = super().readinto(buffer) or 0
        self._count(count)
        return count

    def _count(self, count: int) -> None:
        self.calls += 1
        self.bytes_read += count


REPEATED = {
    "keys": lambda n: b'{"k":1' + b',"k":1' * n + b"}",
    "keys with NaN": lambda n: b'{"k":1' + b',"k":NaN' * n + b"}",
    "small lists": lambda n: b'{"k":1' + b',"k":[{"a":1}, 5]' * n + b"}",
    "lists without a near border": lambda n: b'{"k":1' + (b',"k":[{"a":1}' + WIDE.encode() + b"]") * n + b"}",
    "text": lambda n: b'{"k":"' + b"}, {" * n + b'"}',
    "name": lambda n: b'{"' + b"k" * n + b'":1}',
    "blanks": lambda n: b'{"k":' + b" " * n + b"1}",
    "digits": lambda n: b'{"k":' + b"1" * n + b"}",
    "records in a record": lambda n: b'{"images":[{"a":[{}' + b",{}" * n + b"]}]}",
    "large records": lambda n: b'{"images":[{}' + (b',{"a":[{}' + b",{}" * (n // 4) + b"]}, {}, {}") * 4 + b"]}",
    "an open text": lambda n: b'{"images":[{"a":"' + b"}, {" * n,
    "open lists": lambda n: b'{"images":[{"a":' + b"[" * n,
    "tiny records": lambda n: b'{"images":[{}' + b",{}" * n + b"]}",
    "a record without its end": lambda n: b'{"images":[{"a":1}' + b' ,{"a":[{}, {}]' * n + b"]}",
}


@pytest.mark.parametrize("kind", REPEATED)
def test_the_work_grows_with_the_file_and_no_faster(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_blocks, "BLOCK_BYTES", 1 << 12)
    monkeypatch.setattr(json_cursor, "CHUNK_BYTES", 1 << 10)
    path = tmp_path / "val.json"
    path.write_bytes(REPEATED[kind](20_000))
    size = path.stat().st_size
    with CountedFile(path) as file, suppress(MalformedJsonError, RecordError):
        list(scanned(file, size, READERS))
    assert size <= file.bytes_read < 9 * size
    assert file.calls < size / 100


def sure_blocks(patch: pytest.MonkeyPatch, text: str) -> int:
    """Return for how many blocks a document's brackets are counted."""
    counted: list[None] = []
    found = json_blocks._Scanner._sure_boundary

    def sure_boundary(self: json_blocks._Scanner) -> block_borders.RecordBoundary:
        counted.append(None)
        return found(self)

    patch.setattr(json_blocks._Scanner, "_sure_boundary", sure_boundary)
    scan(text.encode())
    return len(counted)


def test_an_ordinary_document_is_read_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps({"info": {}, "images": [{"id": 1}, {"id": 2}], "annotations": [{"s": [[1, 2]]}]}, indent=4)
    assert sure_blocks(monkeypatch, text) == 0


def test_a_list_whose_border_is_far_is_cut_by_its_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sure_blocks(monkeypatch, f'{{"images": [{{"id": 1}}{WIDE}]}}') == 1
