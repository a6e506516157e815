"""Odd but legal COCO documents hold what pycocotools finds in them.

What pycocotools has no answer for is compared with the records as plain JSON: it keeps `iscrowd`, `area`, `bbox` and
`license` as they are and fails where they are missing, and it fails on a missing or empty `segmentation`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from records import Record, runs_of

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.masks import Shape, native_mask
from cocomine.coco.reading import json_blocks
from cocomine.coco.reading.columns import NO_LICENCE
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.mining.statistics.categories import category_statistics

pytestmark = pytest.mark.slow

ANY_ID = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 300)
NAMES = st.text(min_size=1, max_size=8) | st.sampled_from(
    ["../../etc/x.jpg", "/a/b.png", "C:\\a.jpg", 'q"}]{["', "a/ü 𝄞.jpg"]
)
SIDES = st.integers(1, 24)
FLOATS = st.floats(-5, 30) | st.integers(-5, 30)
ABSENT = object()
EXTRAS = st.dictionaries(
    st.text(max_size=4).map("x_".__add__),
    st.none() | st.text(max_size=4) | st.lists(st.dictionaries(st.text(max_size=2), st.integers(), max_size=2)),
    max_size=2,
)


@st.composite
def polygons(draw: st.DrawFn) -> list[list[float]]:
    counts = draw(st.lists(st.integers(3, 6), min_size=1, max_size=3))
    return [draw(st.lists(FLOATS, min_size=2 * count, max_size=2 * count)) for count in counts]


@st.composite
def run_length_codes(draw: st.DrawFn, height: int, width: int) -> Record:
    pixels = draw(st.lists(st.booleans(), min_size=height * width, max_size=height * width))
    mask = np.array(pixels).reshape(height, width)
    if draw(st.booleans()):
        return {"size": [height, width], "counts": runs_of(mask)}
    code = coco_mask.encode(np.asfortranarray(mask, dtype=np.uint8))
    return {"counts": code["counts"].decode(), "size": [height, width]}


@st.composite
def images(draw: st.DrawFn, image_id: int) -> Record:
    record = {"file_name": draw(NAMES), "width": draw(SIDES), "height": draw(SIDES), "id": image_id}
    return _shuffled(draw, record | _present(license=draw(st.sampled_from([ABSENT, None, 0, 4, "by"]))))


@st.composite
def annotations(draw: st.DrawFn, annotation_id: int, image: Record, category_id: int) -> Record:
    shapes = polygons() | run_length_codes(image["height"], image["width"]) | st.sampled_from([ABSENT, None, []])
    optional = _present(
        iscrowd=draw(st.sampled_from([ABSENT, None, 0, 1, True, False])),
        area=draw(st.sampled_from([ABSENT, None]) | st.floats(0, 1e6) | st.integers(0, 10**6)),
        bbox=draw(st.sampled_from([ABSENT, None, []]) | st.lists(FLOATS, min_size=4, max_size=4)),
        segmentation=draw(shapes),
    )
    record = {"id": annotation_id, "image_id": image["id"], "category_id": category_id}
    return _shuffled(draw, record | optional)


@st.composite
def documents(draw: st.DrawFn) -> Record:
    """Return images in any order, with none or several annotations each, among members and fields in any order."""
    found = [draw(images(image_id)) for image_id in draw(st.lists(ANY_ID, min_size=1, max_size=4, unique=True))]
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    ids = draw(st.lists(ANY_ID, min_size=len(names), max_size=len(names), unique=True))
    categories = [{"id": category_id, "name": name} for category_id, name in zip(ids, names, strict=True)]
    records = [
        draw(annotations(annotation_id, draw(st.sampled_from(found)), draw(st.sampled_from(ids))))
        for annotation_id in draw(st.lists(ANY_ID, max_size=5, unique=True))
    ]
    value = {"images": found, "annotations": records, "categories": categories}
    return _shuffled(draw, value | draw(EXTRAS))


def _present(**fields: Any) -> Record:
    return {key: value for key, value in fields.items() if value is not ABSENT}


def _shuffled(draw: st.DrawFn, record: Record) -> Record:
    return dict(draw(st.permutations(list((draw(EXTRAS) | record).items()))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Both:
    """One document as CocoMine and as pycocotools read it."""

    dataset: Dataset
    peer: COCO

    @property
    def split(self) -> Split:
        return self.dataset.splits[0]


@contextmanager
def both(document: Record, block_bytes: int) -> Iterator[Both]:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_blocks, "BLOCK_BYTES", block_bytes)
        path = Path(folder) / "val.json"
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        yield Both(dataset=open_dataset(path), peer=COCO(path))


def any_document(test: Callable[[Record, int], None]) -> Callable[[], None]:
    """Try a test with documents of any kind, whose blocks are cut anywhere; each is read by both, so with fewer."""
    many = given(document=documents(), block_bytes=st.sampled_from([100, 1000, 1 << 22]))
    return settings(max_examples=40)(many(test))


@any_document
def test_images_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        columns = found.split.images
        assert columns.ids.tolist() == list(found.peer.imgs)
        assert list(columns.file_names) == [each["file_name"] for each in found.peer.imgs.values()]
        assert columns.widths.tolist() == [each["width"] for each in found.peer.imgs.values()]
        assert columns.heights.tolist() == [each["height"] for each in found.peer.imgs.values()]


@any_document
def test_categories_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        names = {each.category_id: each.name for each in found.dataset.categories}
        assert names == {each["id"]: each["name"] for each in found.peer.cats.values()}
        assert list(names) == found.peer.getCatIds()


@any_document
def test_annotations_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        columns = found.split.annotations
        ids = [each.category_id for each in found.dataset.categories]
        assert columns.ids.tolist() == list(found.peer.anns)
        assert found.split.images.ids[columns.image_index].tolist() == fields(found.peer, "image_id")
        assert [ids[index] for index in columns.category_index] == fields(found.peer, "category_id")


@any_document
def test_the_annotations_of_each_image_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        for index, image_id in enumerate(found.split.images.ids.tolist()):
            places = found.split.annotations_of_image(index)
            expected = [each["id"] for each in found.peer.imgToAnns[image_id]]
            assert found.split.annotations.ids[places].tolist() == expected


@any_document
def test_counts_of_each_category_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        for category, counted in zip(found.dataset.categories, category_statistics(found.dataset), strict=True):
            image_ids = found.peer.catToImgs[category.category_id]
            assert counted.image_count == len(set(image_ids))
            assert counted.instance_count + counted.crowd_count == len(image_ids)


@any_document
def test_masks_are_those_of_pycocotools(document: Record, block_bytes: int) -> None:
    """Where it fails, on a missing or an empty segmentation, nothing is drawn."""
    with both(document, block_bytes) as found:
        for shape, image in shapes(found):
            mask = native_mask(shape.segmentation, Size(image["height"], image["width"]))
            record = found.peer.anns[shape.annotation_id]
            assert shape.has_mask == bool(record.get("segmentation"))
            expected = found.peer.annToMask(record) if shape.has_mask else np.zeros_like(mask)
            np.testing.assert_array_equal(mask, expected)


@any_document
def test_optional_fields_are_what_the_records_say(document: Record, block_bytes: int) -> None:
    """As plain JSON: pycocotools keeps them as they are, or fails where they are missing."""
    with both(document, block_bytes) as found:
        columns, records = found.split.annotations, document["annotations"]
        boxes = [each.get("bbox") or [np.nan] * 4 for each in records]
        areas = [each.get("area") for each in records]
        areas = [box[2] * box[3] if area is None else area for area, box in zip(areas, boxes, strict=True)]
        licences = [each.get("license") for each in document["images"]]
        assert columns.is_crowd.tolist() == [each.get("iscrowd") in (1, True) for each in records]
        np.testing.assert_array_equal(columns.boxes_xywh, np.array(boxes, dtype=float).reshape(-1, 4))
        np.testing.assert_array_equal(columns.areas_px, np.array(areas, dtype=float))
        expected = [each if isinstance(each, int) else NO_LICENCE for each in licences]
        assert found.split.images.licence_ids.tolist() == expected


@any_document
def test_every_record_is_found_again_in_the_file(document: Record, block_bytes: int) -> None:
    with both(document, block_bytes) as found:
        source = found.split.source
        for key, columns in (("images", found.split.images), ("annotations", found.split.annotations)):
            assert [json.loads(record) for record in source.records(columns.spans)] == document[key]
        spans = np.array([found.split.category_spans[each.category_id] for each in found.dataset.categories])
        assert [json.loads(record) for record in source.records(spans)] == document["categories"]


def fields(peer: COCO, name: str) -> list[int]:
    return [record[name] for record in peer.anns.values()]


def shapes(found: Both) -> Iterator[tuple[Shape, Record]]:
    """Yield every annotation with its image's record."""
    for index, image_id in enumerate(found.split.images.ids.tolist()):
        for shape in found.split.image_at(index).shapes():
            yield shape, found.peer.imgs[image_id]
