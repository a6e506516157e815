"""COCO records and files for tests: the least that a reader accepts, and a dataset to check by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 20, 10
Record = dict[str, Any]


def category(category_id: Any, name: Any, supercategory: str = "thing") -> Record:
    return {"id": category_id, "name": name, "supercategory": supercategory}


def image(image_id: Any, file_name: str | None = None, **more: Any) -> Record:
    return {"id": image_id, "file_name": file_name or f"{image_id}.jpg", "width": WIDTH, "height": HEIGHT} | more


def rectangle(left: float, top: float, width: float, height: float) -> list[float]:
    right, bottom = left + width, top + height
    return [left, top, right, top, right, bottom, left, bottom]


def annotation(
    annotation_id: Any, image_id: Any, category_id: Any, box: Sequence[float] = (1, 1, 4, 4), **more: Any
) -> Record:
    return {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": category_id,
        "iscrowd": 0,
        "bbox": list(box),
        "area": box[2] * box[3],
        "segmentation": [rectangle(*box)],
    } | more


def crowd(annotation_id: int, image_id: int, category_id: int) -> Record:
    """A crowd region over columns 12 to 19, as COCO's run-length code goes down the columns."""
    counts = [12 * HEIGHT, 8 * HEIGHT]
    shape = {"size": [HEIGHT, WIDTH], "counts": counts}
    return annotation(annotation_id, image_id, category_id, (12, 0, 8, 10), iscrowd=1, segmentation=shape)


CAT, DOG, CUP = 17, 3, 90
CATEGORIES = (category(CAT, "cat", "animal"), category(DOG, "dog", "animal"), category(CUP, "cup", "kitchen"))
FOUR_IMAGES = (
    image(11, "a.jpg", license=4, flickr_url="http://flickr/a", mood="calm"),
    image(7, "b.jpg"),
    image(42, "c.jpg", license=99),
    image(30, "d.jpg", license=4),  # without annotations
)
FOUR_IMAGES_ANNOTATIONS = (
    annotation(101, 11, CAT, (2, 2, 6, 4), certainty=0.5),
    annotation(102, 11, CUP, (4, 3, 2, 2)),  # over the cat
    annotation(
        103, 7, CAT, (1, 1, 13, 5), area=25, segmentation=[rectangle(1, 1, 3, 3), rectangle(10, 2, 4, 4)]
    ),  # in two parts, the second partly over the crowd
    crowd(104, 7, DOG),
    annotation(105, 42, CUP, (0, 0, 5, 5)),
    annotation(106, 42, CUP, (10, 4, 5, 5)),
)
LICENCES = ({"id": 4, "name": "Attribution License", "url": "http://by/2.0/"},)


def document(
    images: Sequence[Record] = FOUR_IMAGES,
    annotations: Sequence[Record] = FOUR_IMAGES_ANNOTATIONS,
    categories: Sequence[Record] = CATEGORIES,
    **more: Any,
) -> Record:
    return {
        "info": {"year": 2017},
        "licenses": list(LICENCES),
        "images": list(images),
        "annotations": list(annotations),
        "categories": list(categories),
    } | more


def write_split(root: Path, value: Record, *, split: str = "all2017", pictures: bool = True) -> Path:
    """Write one split as COCO lays it out, and return its annotation file."""
    path = root / "annotations" / f"instances_{split}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    for index, record in enumerate(value["images"] if pictures else []):
        picture = root / split / record["file_name"]
        picture.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (record["width"], record["height"]), (40 * index % 256, 90, 120)).save(picture)
    return path


def runs_of(mask: np.ndarray) -> list[int]:
    """Uncompressed run lengths, straight from their definition."""
    runs, value = [0], False
    for pixel in mask.ravel(order="F"):
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return runs
