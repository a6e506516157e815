"""Where does a dataset come from when there is no network?

The demo is 320 images drawn here, laid out as COCO's train2017 and val2017.
It has what a real dataset has (polygons in several parts, crowd regions,
images without annotations, sparse ids) and, planted in it, something to
find: pairs of categories that nearly always meet and one that meets nobody.
Each image has its own stream of chance, so the same version gives the same
bytes.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cocomine.demo.marker import Marker
from cocomine.errors import DatasetError
from cocomine.system import files

DEMO_VERSION = 2
TRAIN_SPLIT, VAL_SPLIT = "train2017", "val2017"

CATEGORIES: tuple[tuple[int, str, str], ...] = (  # COCO's ids where COCO has the category, its gaps elsewhere
    (3, "car", "vehicle"),
    (9, "boat", "vehicle"),
    (12, "balloon", "vehicle"),
    (16, "bird", "animal"),
    (17, "cat", "animal"),
    (26, "fish", "animal"),
    (28, "umbrella", "household"),
    (38, "kite", "outdoor"),
    (45, "mushroom", "food"),
    (47, "cup", "household"),
    (53, "apple", "food"),
    (61, "cake", "food"),
    (66, "cactus", "outdoor"),
)
PLANTED_PAIRS: tuple[tuple[str, str], ...] = (("cup", "cake"), ("boat", "fish"))
"""Two categories of a pair share at least 90 % of the images in which either occurs."""
PLANTED_LONER: str = "cactus"
"""This category shares no image with any other; all pairs not named here meet about as often as expected by chance."""

_MARKER = Marker(dataset="CocoMine demo", version=DEMO_VERSION)
_CATEGORY_IDS = {name: number for number, name, _ in CATEGORIES}
_IMAGE_COUNT = 320  # every fourth is in val2017, so that ids have gaps in both splits
_EMPTY_SHARE, _LONER_SHARE, _BROKEN_PAIR_SHARE, _CROWD_SHARE = 0.05, 0.12, 0.04, 0.3
_CROWDED = ("bird", "apple", "mushroom")
_SEED = 77  # one under which the pairs that are not planted stay nearest to chance
_SIZES = (
    (480, 320),
    (448, 336),
    (427, 320),
    (480, 270),
    (320, 427),
    (336, 448),
    (270, 400),
    (360, 360),
    (400, 400),
    (320, 245),
)
_LICENSES: tuple[dict[str, Any], ...] = (
    {"url": "http://creativecommons.org/licenses/by/2.0/", "id": 4, "name": "Attribution License"},
    {"url": "http://flickr.com/commons/usage/", "id": 7, "name": "No known copyright restrictions"},
)
_INFO = {
    "description": "CocoMine demo: images drawn by CocoMine, free for any use (CC0). "
    "The licences of the records are examples, there to be filtered by.",
    "url": "",
    "version": str(DEMO_VERSION),
    "year": 2017,
    "contributor": "CocoMine",
    "date_created": "2017/01/01",
}


def write_demo(folder: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Write the demo dataset, or finish one that was interrupted; a complete demo is left as it is.

    Args:
        folder: A new or empty folder, or one that holds a demo of any version, whole or not.
        progress: Called after each image with the number of images done and the number of all.

    Raises:
        DatasetError: The folder holds something else, or cannot be written.
    """
    if demo_is_complete(folder):
        return
    try:
        _MARKER.claim(folder)
        _write_splits(folder, progress or (lambda _done, _all: None))
        _MARKER.finish(folder)
    except OSError as error:
        raise DatasetError(
            f"{folder}: the demo dataset cannot be written ({error.strerror or error}). "
            "Free some space or choose a folder that you may write to."
        ) from error


def demo_is_complete(folder: Path) -> bool:
    """Whether `folder` holds the whole demo of this version."""
    return _MARKER.is_complete(folder) and all(path.is_file() for path in _demo_files(folder))


def demo_is_begun(folder: Path) -> bool:
    """Whether `folder` holds a demo whose writing was begun and has not come to its end."""
    return _MARKER.is_begun(folder)


def _image_ids(split: str) -> list[int]:
    return [n for n in range(1, _IMAGE_COUNT + 1) if (n % 4 == 0) == (split == VAL_SPLIT)]


def _image_path(folder: Path, split: str, image_id: int) -> Path:
    return folder / split / f"{image_id:012d}.jpg"


def _annotation_path(folder: Path, split: str) -> Path:
    return folder / "annotations" / f"instances_{split}.json"


def _demo_files(folder: Path) -> Iterator[Path]:
    for split in (TRAIN_SPLIT, VAL_SPLIT):
        yield _annotation_path(folder, split)
        yield from (_image_path(folder, split, image_id) for image_id in _image_ids(split))


def _write_splits(folder: Path, progress: Callable[[int, int], None]) -> None:
    """Write every image, then the annotation files."""
    done, sources = 0, {}
    for split in (TRAIN_SPLIT, VAL_SPLIT):
        (folder / split).mkdir(exist_ok=True)
        image_ids = _image_ids(split)
        sources[split] = source = _empty_source()
        rng = np.random.default_rng([_SEED, len(image_ids)])
        for image_id, names in zip(image_ids, planned_scenes(rng, len(image_ids)), strict=True):
            image, annotations, jpeg = _drawn_image(image_id, names)
            files.write_bytes(_image_path(folder, split, image_id), jpeg)
            source["images"].append(image)
            source["annotations"].extend(annotations)
            done += 1
            progress(done, _IMAGE_COUNT)
    (folder / "annotations").mkdir(exist_ok=True)
    for split, source in sources.items():
        files.write_text(_annotation_path(folder, split), json.dumps(source, separators=(", ", ": ")))


def _empty_source() -> dict[str, Any]:
    categories = [{"supercategory": group, "id": number, "name": name} for number, name, group in CATEGORIES]
    return {"info": _INFO, "licenses": list(_LICENSES), "images": [], "annotations": [], "categories": categories}


def planned_scenes(rng: np.random.Generator, image_count: int) -> list[list[str]]:
    """Which categories each of a split's images shows; here the co-occurrences are planted."""
    empty_count, loner_count = round(_EMPTY_SHARE * image_count), round(_LONER_SHARE * image_count)
    scenes: list[list[str]] = [[] for _ in range(empty_count)] + [[PLANTED_LONER] for _ in range(loner_count)]
    scenes += [_company(rng) for _ in range(image_count - len(scenes))]
    return [scenes[index] for index in rng.permutation(image_count)]


def _company(rng: np.random.Generator) -> list[str]:
    """One to four guests; a planted pair counts as one, and now and then a partner stays away.

    Drawing without putting back makes two guests meet a little less than chance would, the empty and the
    loner's images make them meet a little more: the two nearly cancel.
    """
    paired = {name for pair in PLANTED_PAIRS for name in pair}
    single = [(name,) for _, name, _ in CATEGORIES if name not in paired and name != PLANTED_LONER]
    guests: list[tuple[str, ...]] = [*single, *PLANTED_PAIRS]
    names: list[str] = []
    for index in rng.choice(len(guests), size=rng.integers(1, 5), replace=False):
        broken = len(guests[index]) == 2 and rng.random() < _BROKEN_PAIR_SHARE
        names += [guests[index][int(rng.integers(2))]] if broken else guests[index]
    return names


def _drawn_image(image_id: int, names: Sequence[str]) -> tuple[dict[str, Any], list[dict[str, Any]], bytes]:
    """The image record, its annotation records and the JPEG of one image."""
    # scipy's images: only who draws waits for them
    from cocomine.demo.annotations import annotation_record, image_record  # noqa: PLC0415
    from cocomine.demo.scenes import drawn_scene  # noqa: PLC0415

    rng = np.random.default_rng([_SEED, 0, image_id])
    width, height = _SIZES[int(rng.integers(len(_SIZES)))]
    crowded = [name for name in names if name in _CROWDED and rng.random() < _CROWD_SHARE]
    crowd_of = crowded[0] if crowded else None
    scene = drawn_scene(names, rng, width=width, height=height, crowd_of=crowd_of)
    file = io.BytesIO()
    Image.fromarray(scene.image).save(file, format="JPEG", quality=90)
    license_id = _LICENSES[int(rng.random() < 0.3)]["id"]
    image = image_record(image_id, width=width, height=height, license_id=license_id)
    annotations = [
        annotation_record(
            drawn, category_id=_CATEGORY_IDS[drawn.name], image_id=image_id, annotation_id=image_id * 100 + number
        )
        for number, drawn in enumerate(scene.objects, start=1)
    ]
    return image, annotations, file.getvalue()
