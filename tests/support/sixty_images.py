"""Sixty images in two splits with twelve classes of differing frequency, the same on every machine.

Kitchens, streets, desks and gardens hold the classes that fit there, so that some come together more often than by
chance and some never do. "toaster" is in no image and "zebra" in one crowd region alone. Objects overlap, touch, stand
out of their image, or have no mask; some are smaller than a pixel of a usual input.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
from records import Record, annotation, category, image, rectangle, runs_of, write_split

from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset

TRAIN_COUNT, IMAGE_COUNT = 44, 60
CLASSES = {
    "person": (1, "person"),
    "cup": (47, "kitchen"),
    "dining table": (67, "furniture"),
    "fork": (48, "kitchen"),
    "cat": (17, "animal"),
    "dog": (18, "animal"),
    "bus": (6, "vehicle"),
    "car": (3, "vehicle"),
    "traffic light": (10, "outdoor"),
    "laptop": (73, "electronic"),
    "toaster": (80, "kitchen"),
    "zebra": (24, "animal"),
}
PERCENT_IN = {
    "kitchen": {"person": 50, "cup": 80, "dining table": 75, "fork": 45, "cat": 15},
    "street": {"person": 70, "bus": 35, "car": 85, "traffic light": 50, "dog": 20},
    "desk": {"person": 40, "cup": 50, "laptop": 90, "cat": 20},
    "garden": {"person": 30, "dog": 50, "cat": 40, "dining table": 15},
}
"""In how many of a hundred images of a place each class is."""
PLACES = ("street", "kitchen", "street", "desk", "street", "kitchen", "garden")
SIZES = ((64, 48), (48, 64), (40, 40), (320, 240), (90, 120))
LICENCES = (
    {"id": 4, "name": "Attribution License", "url": "http://creativecommons.org/licenses/by/2.0/"},
    {"id": 1, "name": "Attribution-NonCommercial License", "url": "http://creativecommons.org/licenses/by-nc/2.0/"},
    {"id": 7, "name": "No known copyright restrictions", "url": "http://flickr.com/commons/usage/"},
    {"id": 6, "name": "Attribution-NoDerivs License", "url": "http://creativecommons.org/licenses/by-nd/2.0/"},
)
LICENCE_IDS = (4, 1, 4, 7, 6, 4, 99)


def chance(what: str, below: int) -> int:
    """A number from 0 to below one's bound, always the same for the same words."""
    return crc32(what.encode()) % below


def sixty_images(folder: Path, *, is_federated: bool = False) -> Dataset:
    """Write the images' records to a folder, and open them.

    Args:
        is_federated: only some classes were looked for in each image, as in LVIS.
    """
    for split, numbers in (("train2017", range(TRAIN_COUNT)), ("val2017", range(TRAIN_COUNT, IMAGE_COUNT))):
        images = [_image(number, is_federated=is_federated) for number in numbers]
        annotations = [each for number in numbers for each in _annotations(number)]
        value = {
            "info": {"year": 2017},
            "licenses": list(LICENCES),
            "images": images,
            "annotations": annotations,
            "categories": [category(number, name, above) for name, (number, above) in CLASSES.items()],
        }
        write_split(folder, value, split=split, pictures=False)
    return open_dataset(folder)


def _classes_in(number: int) -> list[str]:
    fitting = PERCENT_IN[PLACES[number % len(PLACES)]]
    return [name for name, percent in fitting.items() if chance(f"{name} in {number}", 100) < percent]


def _image(number: int, *, is_federated: bool) -> Record:
    width, height = SIZES[number % len(SIZES)]
    absent = [
        class_id
        for name, (class_id, _) in CLASSES.items()
        if name not in _classes_in(number) and chance(f"{name} looked for in {number}", 3)
    ]
    looked_for = {"neg_category_ids": absent, "not_exhaustive_category_ids": []} if is_federated else {}
    name = f"{number // 2 if number in (20, 21) else number:03}.jpg"  # images 20 and 21 are of one file
    licence = LICENCE_IDS[number % len(LICENCE_IDS)]
    return image(1000 - 7 * number, name, width=width, height=height, license=licence, **looked_for)


def _annotations(number: int) -> list[Record]:
    width, height = SIZES[number % len(SIZES)]
    found: list[Record] = []
    for name in _classes_in(number):
        for place in range(1 + chance(f"{name} so often in {number}", 3)):
            found.append(_annotation(f"{name} {place} in {number}", len(found), number, name, (width, height)))
    if number in (3, 30):
        counts = runs_of(np.arange(width) * np.ones((height, 1)) >= width // 2)
        crowd = {"size": [height, width], "counts": counts}
        name = "zebra" if number == 3 else "person"
        box = (width // 2, 0, width - width // 2, height)
        found.append(
            annotation(
                100 * number + len(found), 1000 - 7 * number, CLASSES[name][0], box, iscrowd=1, segmentation=crowd
            )
        )
    return found


def _annotation(key: str, place: int, number: int, name: str, size: tuple[int, int]) -> Record:
    width, height = size
    box_width, box_height = 2 + chance(f"{key} width", width // 2), 2 + chance(f"{key} height", height // 2)
    if name == "traffic light" and chance(f"{key} far", 2):
        box_width, box_height = 1, 1
    left, top = chance(f"{key} left", width - box_width), chance(f"{key} top", height - box_height)
    box = (left, top, box_width, box_height)
    more: Record = {}
    shape = chance(f"{key} shape", 8)
    if shape == 0:
        more = {"segmentation": [[left, top, left + box_width, top, left, top + box_height]]}
        more["area"] = box_width * box_height / 2
    elif shape == 1:
        more = {"segmentation": None}
    elif shape == 2:
        box = (left, top, width - left + 3, box_height)  # out of the image
        more = {"segmentation": [rectangle(*box)], "area": box[2] * box[3]}
    elif shape == 3 and name == "cup":
        more = {"area": 0.4}
    return annotation(100 * number + place, 1000 - 7 * number, CLASSES[name][0], box, **more)
