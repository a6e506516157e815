"""An annotation file becomes columns, or a sentence about what it is instead."""

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasets import MakeFile
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO
from records import CAT, CATEGORIES, CUP, DOG, FOUR_IMAGES_ANNOTATIONS, annotation, category, document, image

from cocomine.coco.columns import Category
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.columns import NO_LICENCE
from cocomine.errors import DatasetError, NotInstancesError, SelectionError

ONE = [image(1)]


def read(path: Path) -> tuple[Split, tuple[Category, ...]]:
    return read_split(path)


def dropped_ids(split: Split) -> dict[str, list[int]]:
    return {code: ids.tolist() for code, ids in split.dropped_ids.items() if len(ids)}


def test_columns_hold_what_the_records_say(four_images: Dataset) -> None:
    (split,) = four_images.splits
    assert split.images.ids.tolist() == [11, 7, 42, 30]
    assert list(split.images.file_names) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert split.images.licence_ids.tolist() == [4, NO_LICENCE, 99, 4]
    assert split.annotations.ids.tolist() == [101, 102, 103, 104, 105, 106]
    assert split.annotations.image_index.tolist() == [0, 0, 1, 1, 2, 2]
    assert split.annotations.category_index.tolist() == [0, 2, 0, 1, 2, 2]
    assert split.annotations.is_crowd.tolist() == [False, False, False, True, False, False]
    assert split.annotations.areas_px.tolist() == [24, 4, 25, 80, 25, 25]
    assert split.annotations.boxes_xywh[1].tolist() == [4, 3, 2, 2]


def test_categories_keep_their_sparse_ids_and_the_order_of_the_file(four_images: Dataset) -> None:
    assert [category.category_id for category in four_images.categories] == [CAT, DOG, CUP]


def test_each_byte_range_holds_its_record(four_images: Dataset) -> None:
    (split,) = four_images.splits
    found = [json.loads(split.source.record(span)) for span in split.annotations.spans]
    assert found == list(FOUR_IMAGES_ANNOTATIONS)
    assert json.loads(split.source.record(split.category_spans[CUP])) == CATEGORIES[2]


@given(
    extra=st.dictionaries(st.text(min_size=1).map("x_".__add__), st.none() | st.integers() | st.text()),
    indent=st.sampled_from([None, 0, 3]),
    ascii_only=st.booleans(),
)
def test_unknown_fields_and_white_space_do_not_move_a_byte_range(
    tmp_path_factory: pytest.TempPathFactory, extra: dict[str, Any], indent: int | None, ascii_only: bool
) -> None:
    records = [annotation(5, 1, CAT), annotation(6, 1, CUP) | extra, annotation(7, 1, CAT)]
    path = tmp_path_factory.mktemp("spans") / "val.json"
    text = json.dumps(document([image(1) | extra], records), indent=indent, ensure_ascii=ascii_only)
    path.write_text(text, encoding="utf-8")
    split, _ = read(path)
    assert [json.loads(split.source.record(span)) for span in split.annotations.spans] == records


def test_missing_info_licences_and_supercategory_are_no_reason_to_refuse(make_file: MakeFile) -> None:
    categories = [{"id": 0, "name": "cat"}, {"id": 1, "name": "dog", "supercategory": None}]
    value = {"images": ONE, "annotations": [], "categories": categories}
    split, found = read(make_file(json.dumps(value)))
    assert (split.info, split.licences_json, split.licences) == (b"{}", b"[]", ())
    assert [category.supercategory for category in found] == ["none", "none"]


def test_a_category_may_have_the_id_0(make_file: MakeFile) -> None:
    split, categories = read(make_file(json.dumps(document(ONE, [annotation(1, 1, 0)], [category(0, "balloon")]))))
    assert categories[int(split.annotations.category_index[0])].name == "balloon"


def test_without_file_name_the_last_part_of_coco_url_is_the_name(make_file: MakeFile) -> None:
    record = {"id": 1, "width": 9, "height": 9, "file_name": None, "coco_url": "http://images/val2017/000.jpg?size=2"}
    split, _ = read(make_file(json.dumps(document([record], []))))
    assert split.images.file_names[0] == "000.jpg"


@pytest.mark.parametrize(
    "more",
    [
        {"iscrowd": None},
        {"iscrowd": False},
        {"segmentation": None},
        {"segmentation": {}},
        {"bbox": None},
        {"bbox": []},
        {"bbox": [1, 2, 3]},
        {"area": None},
    ],
)
def test_an_annotation_with_an_odd_field_is_read(make_file: MakeFile, more: dict[str, Any]) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT, **more)]))))
    assert split.annotations.is_crowd.tolist() == [False]


@pytest.mark.parametrize("more", [{"license": "CC"}, {"license": None}, {"coco_url": None}])
def test_an_image_with_an_odd_field_is_read(make_file: MakeFile, more: dict[str, Any]) -> None:
    split, _ = read(make_file(json.dumps(document([image(1, **more)], []))))
    assert split.images.licence_ids.tolist() == [NO_LICENCE]


def test_iscrowd_true_is_a_crowd(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT, iscrowd=True)]))))
    assert split.annotations.is_crowd.tolist() == [True]


def test_a_missing_area_is_the_area_of_the_box(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT, (0, 0, 3, 5), area=None)]))))
    assert split.annotations.areas_px.tolist() == [15]


@pytest.mark.parametrize("licences", [{}, None, ["by"], [{"id": "x"}], [{"id": 1.5}]])
def test_odd_licences_are_no_reason_to_refuse(make_file: MakeFile, licences: Any) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [], licenses=licences))))
    assert split.licences == ()


def test_licences_in_another_encoding_are_no_reason_to_refuse(make_file: MakeFile) -> None:
    text = json.dumps(document(ONE, [], licenses=[{"id": 1, "name": "für"}]), ensure_ascii=False)
    assert read(make_file(text.encode("latin-1")))[0].licences == ()


def test_a_licence_is_found_by_an_id_that_is_whole_in_value(make_file: MakeFile) -> None:
    licences = [{"id": 1.0, "name": "by", "url": None}, {"id": "x"}, 5]
    split, _ = read(make_file(json.dumps(document([image(1, license=1)], [], licenses=licences))))
    assert [(each.licence_id, each.name, each.url) for each in split.licences] == [(1, "by", "")]


def test_annotations_of_unknown_images_are_put_aside_and_told(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT), annotation(2, 999, CAT)]))))
    assert split.annotations.ids.tolist() == [1]
    assert dropped_ids(split) == {"unknown_image": [2]}


def test_annotations_of_unknown_categories_are_put_aside_and_told(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, 97), annotation(2, 1, CAT)]))))
    assert split.annotations.ids.tolist() == [2]
    assert dropped_ids(split) == {"unknown_category": [1]}


def test_an_annotation_id_used_twice_is_kept(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(5, 1, CAT), annotation(5, 1, CUP)]))))
    assert split.annotations.ids.tolist() == [5, 5]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (document([image(1), image(1)], []), r"images holds 1 twice.*correct the file"),
        (document(ONE, [], [category(1, "a"), category(1, "b")]), "categories holds 1 twice"),
        (
            document(ONE, [annotation(1, 1, 1), annotation(2, 1, 2)], [category(1, "a"), category(2, "a")]),
            "categories . and . are both called 'a', and annotations name both.*Rename one",
        ),
    ],
)
def test_an_image_or_category_that_is_there_twice_is_refused(make_file: MakeFile, value: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=f"val.json: {message}"):
        read(make_file(json.dumps(value)))


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            document([image(1), {**image(2), "id": "x2"}], []),
            r"images\[1\]: 'id' is \"x2\", and must be a whole number. Correct the record.",
        ),
        (document([{"id": 1, "file_name": "a.jpg"}], []), r"images\[0\]: its 'width' is missing. Add it"),
        (
            document([image(1, width=0)], []),
            r"images\[0\]: 'width' is 0, and must be a whole number from 1 on. Correct",
        ),
        (
            document([image(1, height=-5)], []),
            r"images\[0\]: 'height' is -5, and must be a whole number from 1 on. Correct",
        ),
        (document([image(2**64)], []), r"images\[0\]: 'id' is 18446744073709551616, and must be .*9,223,372.*Correct"),
        (document(ONE, [annotation(2**63, 1, CAT)]), r"annotations\[0\]: 'id' is 9223372036854775808.*Correct"),
        (document([image(1.5)], []), r"images\[0\]: 'id' is 1.5, and must be a whole number. Correct"),
        (document([image(1, height="7")], []), r"images\[0\]: 'height' is the text \"7\".*Write it without quotes"),
        (document([image(None)], []), r"images\[0\]: 'id' is null \(no value\), and must be a whole number. Correct"),
        (document([image(math.nan)], []), r"images\[0\]: 'id' is NaN \(not a number\).* a whole number. Correct"),
        (document([image(True)], []), r"images\[0\]: 'id' is true, and must be a whole number. Correct"),
        (document(ONE, [annotation(1, 1, CAT, iscrowd="0")]), r"'iscrowd' is the text \"0\".*Write it without quotes"),
        (document(ONE, [annotation(1, 1, CAT, iscrowd=[])]), r"'iscrowd' is \[\], and must be 0 or 1. Correct"),
        (document([image(1, neg_category_ids=["1"])], []), r"'neg_category_ids' is \[\"1\"\].* whole number. Correct"),
        (document([image(1, neg_category_ids=1)], []), r"'neg_category_ids' is 1, .* a list of whole numbers. Corr"),
        (document(ONE, [], [category(1, 5)]), r"categories\[0\]: 'name' is 5, and must be a text in quotes. Corr"),
        (
            document([image(1, "caf\udce9.jpg")], []),
            r"'file_name' is \"caf\\udce9.jpg\", with half a .*Correct the name",
        ),
        (document(ONE, [{"id": 1, "image_id": 1}]), r"annotations\[0\]: its 'category_id' is missing. Add it"),
        (document(ONE, [], [{"id": 1}]), r"categories\[0\]: its 'name' is missing. Add it"),
        (
            {"images": ONE, "annotations": [annotation(1, 1, CAT), None], "categories": list(CATEGORIES)},
            r"annotations\[1\]: it is null \(no value\), and must be an object in braces. Correct",
        ),
        (
            {"images": ONE, "annotations": ["text"], "categories": list(CATEGORIES)},
            r"annotations\[0\]: it is \"text\", and must be an object in braces. Correct",
        ),
    ],
)
def test_a_broken_record_is_named_with_its_place_and_what_to_do(make_file: MakeFile, value: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=rf"val.json: .*{message}.* Found"):
        read(make_file(json.dumps(value)))


def test_truncated_json_says_where_it_ends(make_file: MakeFile) -> None:
    text = json.dumps(document())
    with pytest.raises(DatasetError, match=r"not valid JSON .*It ends after 200 bytes, .*; fetch it again"):
        read(make_file(text[:200]))


@given(share=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_a_file_is_taken_for_the_whole(tmp_path_factory: pytest.TempPathFactory, share: float) -> None:
    text = json.dumps(document())
    path = tmp_path_factory.mktemp("cut") / "val.json"
    path.write_text(text[: int(len(text) * share)])
    with pytest.raises(DatasetError, match=r"the file is empty|not valid JSON"):
        read(path)


def test_an_empty_file_says_so(make_file: MakeFile) -> None:
    with pytest.raises(DatasetError, match=r"val.json: the file is empty. Fetch it again"):
        read(make_file(""))


def test_a_missing_file_says_so(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"cannot be read \(No such file or directory\). Check the path"):
        read(tmp_path / "none.json")


def test_text_is_not_json(make_file: MakeFile) -> None:
    with pytest.raises(DatasetError, match=r"not valid JSON .*byte 0.*Found images: 3.*correct that place"):
        read(make_file("images: 3"))


def remarks(split: Split) -> dict[str, list[int]]:
    return {code: ids.tolist() for code, ids in split.remarks.items()}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_number_in_a_field_that_is_not_used_is_kept_and_told(make_file: MakeFile, value: float) -> None:
    path = make_file(json.dumps(document(ONE, [annotation(1, 1, CAT), annotation(2, 1, CAT, score=value)])))
    split, _ = read(path)
    assert remarks(split) == {"not_strict_json": [2]}
    assert split.annotations.areas_px.tolist() == [16, 16]
    assert json.loads(split.source.record(split.annotations.spans[1]))["id"] == 2


def test_no_number_for_an_area_is_a_missing_area(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT, (0, 0, 3, 5), area=math.nan)]))))
    assert split.annotations.areas_px.tolist() == [15]
    assert remarks(split)["not_strict_json"] == [1]


def test_no_number_in_a_box_stays_none(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT, bbox=[1, math.nan, 3, 4])]))))
    np.testing.assert_array_equal(split.annotations.boxes_xywh, [[1, math.nan, 3, 4]])


@pytest.mark.parametrize("box", [[None] * 4, ["1", "2", "3", "4"], "box", {}, [1, 2, 3, 4, 5], [[1], 2, 3, 4]])
def test_a_box_that_is_not_four_numbers_is_missing(make_file: MakeFile, box: Any) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [annotation(1, 1, CAT), annotation(2, 1, CAT, bbox=box)]))))
    assert np.isnan(split.annotations.boxes_xywh).all(axis=1).tolist() == [False, True]


@pytest.mark.parametrize(
    ("field", "value"), [("area", "1e999"), ("area", "-1e999"), ("area", "null"), ("bbox", "[0, 0, 1e999, 5]")]
)
def test_no_column_holds_an_infinite_number(make_file: MakeFile, field: str, value: str) -> None:
    record = annotation(1, 1, CAT, (0, 0, 1e308, 1e308)) | {field: "HERE"}
    text = json.dumps(document(ONE, [record])).replace('"HERE"', value).replace("Infinity", "1e999")
    columns = read(make_file(text))[0].annotations
    assert np.isnan(columns.areas_px).all()
    assert not np.isinf(columns.boxes_xywh).any()


def test_numbers_that_are_whole_in_value_are_whole(make_file: MakeFile) -> None:
    records = [annotation(5.0, 1.0, float(CAT), iscrowd=1.0), annotation(6, 1, CAT)]
    text = json.dumps(document([image(1.0, width=20.0, license=4.0)], records, [category(17.0, "cat")]))
    split, categories = read(make_file(text.replace('"height": 10', '"height": 1e1')))
    assert (split.images.ids.tolist(), split.images.widths.tolist(), split.images.heights.tolist()) == ([1], [20], [10])
    assert (split.annotations.ids.tolist(), split.annotations.is_crowd.tolist()) == ([5, 6], [True, False])
    assert (split.images.licence_ids.tolist(), categories[0].category_id) == ([4], 17)
    assert remarks(split) == {"whole_with_fraction": [1, 5, 17]}


def test_an_id_beyond_all_exact_floats_keeps_each_digit(make_file: MakeFile) -> None:
    text = json.dumps(document([image("BIG")], [annotation(1, "BIG", CAT)])).replace('"BIG"', "9007199254740993.0")
    split, _ = read(make_file(text))
    assert split.images.ids.tolist() == [2**53 + 1]
    assert len(split.annotations) == 1


@pytest.mark.parametrize("licence", [[], {}, "1", 1.5, 2**80, True])
def test_no_licence_is_a_reason_to_refuse(make_file: MakeFile, licence: Any) -> None:
    split, _ = read(make_file(json.dumps(document([image(1, license=licence), image(2.0)], []))))
    assert len(split.images) == 2


def test_info_with_no_number_is_kept_as_json(make_file: MakeFile) -> None:
    split, _ = read(make_file(json.dumps(document(ONE, [], info={"year": math.nan, "of": "NaN"}))))
    assert split.info == b'{"year": null, "of": "NaN"}'


@pytest.mark.parametrize("key", ["info", "licenses"])
def test_a_member_of_more_than_a_megabyte_is_left_out_and_told(make_file: MakeFile, key: str) -> None:
    long = [{"id": 1, "name": "x" * (1 << 20)}]
    split, _ = read(make_file(json.dumps(document(ONE, [], **{key: long}))))
    assert remarks(split) == {"long_member": [len(json.dumps(long))]}
    assert len(split.info) + len(split.licences_json) < 200


@pytest.mark.parametrize(("used", "kept"), [([7], 7), ([8], 8), ([], 8)])
def test_an_unused_twin_of_a_category_is_set_aside_and_told(make_file: MakeFile, used: list[int], kept: int) -> None:
    categories = [category(7, "cup"), category(8, "cup"), category(9, "table")]
    records = [annotation(number, 1, category_id) for number, category_id in enumerate(used)]
    split, found = read(make_file(json.dumps(document(ONE, records, categories))))
    assert [each.category_id for each in found] == [kept, 9]
    assert split.category_spans.keys() == {kept, 9}
    assert remarks(split) == {"twin_category": [15 - kept, kept]}


def test_more_categories_than_can_be_compared_are_refused_with_their_number(make_file: MakeFile) -> None:
    categories = [category(number, f"class {number}") for number in range(10_001)]
    with pytest.raises(DatasetError, match=r"'categories' holds 10,001 entries, and 10,000 are possible.*Keep the"):
        read(make_file(json.dumps(document(ONE, [], categories))))


ONE_OBJECT = '{"images": [], "annotations": [], "categories": []}'
FLAWS = [
    ("{'images': []}", "single quotes, as Python prints.*json.dump"),
    ('{"images": [], "x": True}', "Python's True.*json.dump"),
    ('{"images": [{"id": 1, "x": None}]}', "Python's True.*json.dump"),
    ('{"images": [], // all\n}', "a comment stands there.*Remove comments"),
    ('{"images": [],}', "a comma stands before the closing bracket. Remove it"),
    ('{"images": [{"id": 1},]}', "a comma stands before the closing bracket. Remove it"),
    (f"{ONE_OBJECT}\n{ONE_OBJECT}", "line 2.*JSON lines.*its lists"),
    ('{"images": [' + "\0" * 9, "zero bytes.*Fetch it again"),
    ("\0" * 99, "zero bytes.*Fetch it again"),
    (" \n ", "blanks.*Fetch it again"),
    (ONE_OBJECT.encode("utf-16"), "UTF-16.*Save it as UTF-8"),
    (ONE_OBJECT.encode("utf-16-le"), "UTF-16.*Save it as UTF-8"),
    ("<!DOCTYPE html><html>", "a web page or XML.*Download it again"),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:4", "Git LFS.*git lfs pull"),
    ('{"images": {"1": {"id": 1}}}', r"'images' is an object .* must be a list in brackets.*Put its values"),
    ('{"images": [], "annotations": "none"}', r"'annotations' is a value \(\"none\"\), and must be a list"),
    ('{"images": [], "images": []}', "'images' is there twice"),
]


@pytest.mark.parametrize(("content", "message"), FLAWS)
def test_what_is_wrong_with_a_whole_file_is_told_with_the_remedy(
    make_file: MakeFile, content: str | bytes, message: str
) -> None:
    with pytest.raises(DatasetError, match=f"(?s)val.json: .*{message}"):
        read(make_file(content))


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\xef\xbb\xbf \r\n\t", b"\r\n"])
def test_a_mark_and_blanks_before_a_document_are_passed_over(make_file: MakeFile, before: bytes) -> None:
    text = json.dumps(document(ONE, [annotation(1, 1, CAT)]), indent=1).replace("\n", "\r\n")
    assert len(read(make_file(before + text.encode()))[0].annotations) == 1


@pytest.mark.parametrize("text", ["3", '"text"', "null"])
def test_json_without_an_object_is_no_coco_file(make_file: MakeFile, text: str) -> None:
    with pytest.raises(
        DatasetError, match=r"not a COCO file: it holds .* must be an object in braces.*Open a file with 'images'"
    ):
        read(make_file(text))


PANOPTIC = {"image_id": 1, "file_name": "1.png", "segments_info": []}
NOT_INSTANCES = [
    ([{"image_id": 1, "score": 0.5}], "this is a list, as detectors write their results"),
    ({"config": 1}, "it has no 'images'"),
    ({"images": ONE, "categories": []}, "image information without annotations"),
    ({"images": ONE, "annotations": [], "categories": []}, "image information without categories"),
    ({"images": ONE, "annotations": [{"id": 1, "image_id": 1, "caption": "a cat"}]}, "captions"),
    ({"images": ONE, "annotations": [annotation(1, 1, CAT)]}, "annotations without categories"),
    (document(ONE, [PANOPTIC]), "panoptic annotations, one record per image"),
    (document(ONE, [PANOPTIC | {"segments_info": [{"id": 5}]}] * 3), "panoptic annotations, one record per image"),
]


@pytest.mark.parametrize(("value", "message"), NOT_INSTANCES)
def test_a_file_of_another_kind_is_called_by_its_kind(make_file: MakeFile, value: Any, message: str) -> None:
    with pytest.raises(NotInstancesError, match=f"{message}.* Open "):
        read(make_file(json.dumps(value)))


def test_a_source_that_changed_since_is_not_copied_from(make_file: MakeFile) -> None:
    path = make_file(json.dumps(document()))
    split, _ = read(path)
    path.write_text(json.dumps(document([image(12345)])))
    with pytest.raises(DatasetError, match=r"the file changed since it was opened. Open the dataset again"):
        split.source.record(split.images.spans[0])


def test_a_source_that_was_only_touched_is_taken_for_changed(make_file: MakeFile) -> None:
    path = make_file(json.dumps(document()))
    split, _ = read(path)
    os.utime(path, ns=(1, 1))
    with pytest.raises(DatasetError, match="changed"):
        split.source.record(split.images.spans[0])


def test_an_image_id_gives_its_position_and_an_unknown_one_an_error(four_images: Dataset) -> None:
    (split,) = four_images.splits
    assert split.image(42).index == 2
    with pytest.raises(SelectionError, match=r"all2017: there is no image with id 5. Choose one that the split lists"):
        split.image(5)


def test_the_annotations_of_an_image_are_its_own_in_file_order(make_file: MakeFile) -> None:
    records = [annotation(9, 2, CAT), annotation(3, 1, CAT), annotation(1, 2, CUP), annotation(2, 1, CUP)]
    split, _ = read(make_file(json.dumps(document([image(1), image(2), image(3)], records))))
    found = [split.annotations.ids[split.annotations_of_image(index)].tolist() for index in range(3)]
    assert found == [[3, 2], [9, 1], []]


@pytest.mark.real
@pytest.mark.parametrize("name", ["train2017", "val2017"])
def test_real_columns_agree_with_pycocotools(coco_folder: Path, name: str) -> None:
    path = coco_folder / "annotations" / f"instances_{name}.json"
    split, categories = read(path)
    peer = COCO(path)
    assert set(split.images.ids.tolist()) == set(peer.getImgIds())
    assert sorted(split.annotations.ids.tolist()) == sorted(peer.getAnnIds())
    columns = split.annotations
    for index, annotation_id in enumerate(columns.ids.tolist()):
        record = peer.anns[annotation_id]
        assert split.images.ids[columns.image_index[index]] == record["image_id"]
        assert categories[columns.category_index[index]].category_id == record["category_id"]
        assert columns.is_crowd[index] == record["iscrowd"]
        assert columns.areas_px[index] == record["area"]
        np.testing.assert_array_equal(columns.boxes_xywh[index], record["bbox"])
        assert json.loads(split.source.record(columns.spans[index])) == record
