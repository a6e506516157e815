"""What a file holds is told; one without instances is refused with the name of the file to open instead."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from records import CAT, CATEGORIES, Record, annotation, category, document, image

from cocomine.coco.columns import FileKind
from cocomine.coco.reading.annotation_file import read_split
from cocomine.coco.reading.file_kinds import HOLDS
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.errors import DatasetError, NotInstancesError

IMAGES = [image(1)]
CAPTIONS = {"images": IMAGES, "annotations": [{"id": 1, "image_id": 1, "caption": "a cat on a mat"}]}
PANOPTIC = document(IMAGES, [{"image_id": 1, "file_name": "1.png", "segments_info": [{"id": 5, "category_id": CAT}]}])
IMAGE_INFO = {"info": {}, "images": IMAGES, "categories": list(CATEGORIES)}
NO_CATEGORIES = {"images": IMAGES, "annotations": [annotation(1, 1, CAT)]}
BOX = [1, 1, 4, 4]


def write(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return path


def kind_of_file(path: Path) -> FileKind:
    split, _ = read_split(path)
    return split.kind


def refusal(path: Path, kind: type[DatasetError] = NotInstancesError) -> str:
    """Return what the person reads after the path."""
    with pytest.raises(kind) as caught:
        open_dataset(path)
    assert str(caught.value).startswith(f"{path}: ")
    return str(caught.value).removeprefix(f"{path}: ")


# What opens


def lvis() -> Record:
    return document([image(1, neg_category_ids=[])], [annotation(1, 1, CAT)])


def keypoints() -> Record:
    return document(IMAGES, [annotation(1, 1, CAT, keypoints=[0] * 51, num_keypoints=0)])


def stuff(segmentation: Any, category_id: int = 92) -> Record:
    return document(
        IMAGES, [annotation(1, 1, category_id, segmentation=segmentation)], [category(category_id, "banner")]
    )


RUNS = {"size": [10, 20], "counts": [100, 100]}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (document(IMAGES, [annotation(1, 1, CAT)]), FileKind.INSTANCES),
        (document(IMAGES, []), FileKind.INSTANCES),
        (keypoints(), FileKind.KEYPOINTS),
        (lvis(), FileKind.LVIS),
        (stuff(RUNS), FileKind.STUFF),
        (stuff(RUNS, category_id=183), FileKind.STUFF),
        (stuff(RUNS, category_id=91), FileKind.INSTANCES),
        (stuff([[1, 1, 9, 1, 9, 9]]), FileKind.INSTANCES),
    ],
)
def test_what_a_file_holds_is_told_from_its_records(tmp_path: Path, value: Record, kind: FileKind) -> None:
    assert kind_of_file(write(tmp_path, "val.json", value)) is kind


def test_every_kind_has_words_of_its_own() -> None:
    assert HOLDS.keys() == set(FileKind)
    assert len(set(HOLDS.values())) == len(HOLDS)


# What is refused: COCO's own files


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("captions_val2017.json", CAPTIONS, "this file holds captions, no instances. Open instances_val2017.json, "),
        ("captions_train2014.json", CAPTIONS, "this file holds captions, no instances. Open instances_train2014.json"),
        ("c.json", CAPTIONS, "this file holds captions, no instances. Open the file with the objects of these images"),
        (
            "panoptic_val2017.json",
            PANOPTIC,
            "this file holds panoptic annotations, one record per image, no instances. Open instances_val2017.json, "
            "the file with the objects of these images. Or convert it with panopticapi's panoptic2detection_coco",
        ),
        (
            "image_info_test2017.json",
            IMAGE_INFO,
            "this file holds image information without annotations, no instances. There are no public annotations for "
            "COCO's test images. Open instances_train2017.json or instances_val2017.json.",
        ),
        (
            "image_info_test-dev2017.json",
            IMAGE_INFO,
            "this file holds image information without annotations, no instances. There are no public annotations for "
            "COCO's test images. Open instances_train2017.json or instances_val2017.json.",
        ),
        (
            "image_info_test2015.json",
            IMAGE_INFO,
            "this file holds image information without annotations, no instances. There are no public annotations for "
            "COCO's test images. Open instances_train2014.json or instances_val2014.json.",
        ),
        (
            "image_info_unlabeled2017.json",
            IMAGE_INFO | {"categories": [], "annotations": []},
            "this file holds image information without categories, no instances. There are no public annotations for "
            "COCO's unlabeled images. Open instances_train2017.json or instances_val2017.json.",
        ),
        (
            "image_info_val2017.json",
            IMAGE_INFO,
            "this file holds image information without annotations, no instances. Open instances_val2017.json, ",
        ),
        (
            "mine.json",
            NO_CATEGORIES,
            "this file holds annotations without categories, no instances. Add its list 'categories'.",
        ),
    ],
)
def test_a_file_of_coco_that_holds_no_instances_names_the_one_to_open(
    tmp_path: Path, name: str, value: Record, message: str
) -> None:
    assert refusal(write(tmp_path, name, value)).startswith(message)


def test_a_file_to_open_instead_that_is_there_is_said_to_be_there(tmp_path: Path) -> None:
    path = write(tmp_path, "captions_val2017.json", CAPTIONS)
    assert refusal(path).endswith("Open instances_val2017.json, the file with the objects of these images.")
    write(tmp_path, "instances_val2017.json", document(IMAGES, []))
    assert refusal(path).endswith("Open instances_val2017.json, which lies beside it.")


# What is refused: results


@pytest.mark.parametrize(
    ("name", "records", "message"),
    [
        ("instances_val2014_fakebbox100_results.json", [{"bbox": BOX}], "boxes, .* Open instances_val2014.json"),
        ("val2017_bbox.json", [{"bbox": BOX, "segmentation": RUNS}], "masks, .* Open instances_val2017.json"),
        ("person_keypoints_val2014_fake.json", [{"keypoints": [1, 2, 2]}], "keypoints, .* person_keypoints_val2014"),
        ("captions_val2014_fakecap_results.json", [{"caption": "x"}], "captions, .* Open instances_val2014.json"),
        (
            "detections_test-dev2017_x.json",
            [{"bbox": BOX}],
            "boxes, .* no public .* test images. Open instances_train2017",
        ),
        ("results.json", [{"bbox": BOX}], r"boxes, .* Open the file with the objects of these images \(instances_\*"),
    ],
)
def test_a_list_of_results_says_of_what_and_which_file_it_belongs_to(
    tmp_path: Path, name: str, records: Sequence[Record], message: str
) -> None:
    records = [{"image_id": 1, "category_id": 1} | record | {"score": 0.5} for record in records]
    with pytest.raises(NotInstancesError, match=f"this is a list of {message}"):
        open_dataset(write(tmp_path, name, records))


@pytest.mark.parametrize("value", [[], [1, 2], ["text"], [{"image_id": 1}], [[{"bbox": BOX}]], [{"bbox": []}]])
def test_a_list_of_something_else_is_a_list(tmp_path: Path, value: Any) -> None:
    assert refusal(write(tmp_path, "list.json", value)).startswith("this is a list, as detectors write their results")


@pytest.mark.parametrize("text", [b"[", b'[{"bbox": [1, 2', b'\xef\xbb\xbf \n[ {"bb', b"[" * 70_000, b'[{"a": "\xff"'])
def test_a_list_that_is_cut_short_is_still_a_list(tmp_path: Path, text: bytes) -> None:
    assert refusal(write(tmp_path, "list.json", text)).startswith("this is a list, as detectors write their results")


def test_a_first_result_that_is_longer_than_what_is_read_of_it_is_a_list(tmp_path: Path) -> None:
    records = [{"image_id": 1, "segmentation": {"size": [9, 9], "counts": "0" * 100_000}}]
    assert refusal(write(tmp_path, "list.json", records)).startswith("this is a list, as detectors write their results")


def test_a_dataset_in_a_list_is_told_to_be_one(tmp_path: Path) -> None:
    path = write(tmp_path, "list.json", [{"info": {}, "images": [], "annotations": [], "categories": []}])
    assert refusal(path) == "the dataset stands in a list. Take the brackets around its braces away."


# What is refused: files of other programs


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"version": "5.0", "flags": {}, "shapes": [], "imagePath": "a.jpg", "imageData": None}, "a labelme file"),
        ({"_via_settings": {}, "_via_img_metadata": {}, "_via_attributes": {}}, "a VIA project"),
        ({"a b.jpg668058": {"filename": "a b.jpg", "regions": []}}, "a VIA file"),
        ({"a.PNG-1": {"filename": "a.PNG", "regions": []}}, "a VIA file"),
        ({"samples": [{"filepath": "a.jpg"}]}, "a FiftyOne export"),
        ({"name": "x", "media_type": "image", "sample_fields": []}, "a FiftyOne export"),
        ({"classes": ["cat"], "labels": {"a": [{"label": 0}]}}, "a FiftyOne export"),
        ({"description": "", "tags": [], "size": {"height": 1, "width": 1}, "objects": []}, "a Supervisely file"),
        ({"type": "FeatureCollection", "features": []}, "a GeoJSON file"),
        ([{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {}}]}], "a Create ML file"),
        ([{"id": 1, "data": {}, "annotations": []}], "a Label Studio export"),
        ([{"name": "a.jpg", "labels": []}], "a Scalabel (BDD100K) file"),
    ],
)
def test_a_file_of_another_program_is_called_by_its_name(tmp_path: Path, value: Any, name: str) -> None:
    message = refusal(write(tmp_path, "export.json", value))
    assert message.startswith(f"not a COCO file: this is {name}. Export it as COCO. Open a file with 'images'")


@pytest.mark.parametrize("value", [{}, {"config": 1}, {"labels": {}}, {"annotations": [], "categories": []}])
def test_an_unknown_file_without_images_is_no_coco_file(tmp_path: Path, value: Any) -> None:
    assert refusal(write(tmp_path, "some.json", value)).startswith("not a COCO file: it has no 'images'. Open a file")


def test_a_coco_file_may_have_the_keys_of_other_programs_too(tmp_path: Path) -> None:
    value = document(IMAGES, [annotation(1, 1, CAT)], samples=[], shapes=[], imagePath="a.jpg")
    assert kind_of_file(write(tmp_path, "val.json", value)) is FileKind.INSTANCES


# What is refused: no JSON at all


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "000139.png",
            b"\x89PNG\r\n\x1a\n",
            "this is a PNG image, not an annotation file. Open the dataset's folder",
        ),
        (
            "a.jpg",
            b"\xff\xd8\xff\xe0\x00\x10JFIF",
            "this is a JPEG image, not an annotation file. Open the dataset's",
        ),
        (
            "annotations_trainval2017.zip",
            b"PK\x03\x04",
            "this is a ZIP archive, not an annotation file. Unpack it, and",
        ),
        ("lvis.json.gz", b"\x1f\x8b\x08", "this is a gzip archive, not an annotation file. Unpack it, and open"),
        (
            "data.yaml",
            b"path: ../x\nnames: [cat]",
            "this is no JSON but YAML, as YOLO describes a dataset. Export it as",
        ),
        ("a.txt", b"0 0.5 0.5 0.1 0.1", "this is no JSON but plain text, as YOLO's labels are. Export it as COCO"),
        ("a.XML", b"<annotation>", "this is no JSON but XML, as Pascal VOC's annotations are. Export it as COCO"),
        ("a.csv", b"name,x,y", "this is no JSON but a CSV table. Export it as COCO. Open a file with 'images'"),
    ],
)
def test_a_file_that_is_no_json_is_called_by_what_it_is(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    assert refusal(write(tmp_path, name, content), DatasetError).startswith(message)


def test_json_opens_whatever_its_file_is_called(tmp_path: Path) -> None:
    assert kind_of_file(write(tmp_path, "val.txt", document(IMAGES, []))) is FileKind.INSTANCES
