"""Where does a dataset come from when there is no network?

The demo is 320 images drawn here, laid out as COCO's train2017 and val2017.
It has what a real dataset has (polygons in several parts, crowd regions,
images without annotations, sparse ids) and, planted in it, something to
find: pairs of categories that nearly always meet and one that meets nobody.
Each image has its own stream of chance, so the same version gives the same
bytes. `demo.json` is written twice: first to say that the folder is ours, last
to say that it is complete.
"""

import io
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from pycocotools import mask as coco_mask
from scipy import ndimage

from cocomine.demo.scenes import DrawnObject, drawn_scene
from cocomine.demo.shapes import Mask, without_holes
from cocomine.errors import DatasetError
from cocomine.system import files

DEMO_VERSION = 2
DEMO_MARKER = "demo.json"
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
_SMALLEST_PART_PX = 10
_DATE = "2017-01-01 00:00:00"
_LICENSES = (
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
        _claim(folder)
        _write_splits(folder, progress or (lambda _done, _all: None))
        files.write_json(folder / DEMO_MARKER, _marker(complete=True))
    except OSError as error:
        raise DatasetError(
            f"{folder}: the demo dataset cannot be written ({error.strerror or error}). "
            "Free some space or choose a folder that you may write to."
        ) from error


def demo_is_complete(folder: Path) -> bool:
    """Whether `folder` holds the whole demo of this version."""
    return _found_marker(folder) == _marker(complete=True) and all(path.is_file() for path in _demo_files(folder))


def demo_is_begun(folder: Path) -> bool:
    """Whether `folder` holds a demo whose writing was begun and has not come to its end."""
    found = _found_marker(folder)
    return _is_marker(found) and not found.get("complete")


def _is_marker(found: Any) -> bool:
    return isinstance(found, dict) and found.get("dataset") == _marker(complete=False)["dataset"]


def _marker(*, complete: bool) -> dict[str, Any]:
    return {"dataset": "CocoMine demo", "version": DEMO_VERSION, "complete": complete}


def _found_marker(folder: Path) -> Any:
    try:
        return json.loads((folder / DEMO_MARKER).read_bytes())
    except (OSError, ValueError):
        return None


def _claim(folder: Path) -> None:
    """Mark the folder as a demo that is being written, unless it belongs to somebody else."""
    found = _found_marker(folder)
    if not _is_marker(found) and folder.exists():
        if not folder.is_dir():
            raise DatasetError(f"{folder}: this is a file, the demo dataset needs a folder. Choose another name.")
        others = sorted(path.name for path in folder.iterdir() if not path.name.startswith(f"{DEMO_MARKER}.part-"))
        if others:
            raise DatasetError(
                f"{folder}: the folder is not empty and not a CocoMine demo (it holds {others[0]!r}). "
                "Choose a new or an empty folder; nothing was changed."
            )
    folder.mkdir(parents=True, exist_ok=True)
    files.write_json(folder / DEMO_MARKER, _marker(complete=False))


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
    rng = np.random.default_rng([_SEED, 0, image_id])
    width, height = _SIZES[int(rng.integers(len(_SIZES)))]
    crowded = [name for name in names if name in _CROWDED and rng.random() < _CROWD_SHARE]
    crowd_of = crowded[0] if crowded else None
    scene = drawn_scene(names, rng, width=width, height=height, crowd_of=crowd_of)
    file = io.BytesIO()
    Image.fromarray(scene.image).save(file, format="JPEG", quality=90)
    image = {
        "license": _LICENSES[int(rng.random() < 0.3)]["id"],
        "file_name": f"{image_id:012d}.jpg",
        "coco_url": "",
        "height": height,
        "width": width,
        "date_captured": _DATE,
        "flickr_url": "",
        "id": image_id,
    }
    annotations = [
        _annotation(drawn, image_id, image_id * 100 + number) for number, drawn in enumerate(scene.objects, start=1)
    ]
    return image, annotations, file.getvalue()


def _annotation(drawn: DrawnObject, image_id: int, annotation_id: int) -> dict[str, Any]:
    height, width = drawn.mask.shape
    segmentation: Any = run_lengths(drawn.mask) if drawn.is_crowd else polygons_of(drawn.mask)
    encoded = coco_mask.frPyObjects(segmentation, height, width)
    if not drawn.is_crowd:
        encoded = coco_mask.merge(encoded)
    return {
        "segmentation": segmentation,
        "area": float(coco_mask.area(encoded)),
        "iscrowd": int(drawn.is_crowd),
        "image_id": image_id,
        "bbox": [float(side) for side in coco_mask.toBbox(encoded)],
        "category_id": next(number for number, name, _ in CATEGORIES if name == drawn.name),
        "id": annotation_id,
    }


def run_lengths(mask: Mask) -> dict[str, list[int]]:
    """A mask (h, w) as COCO's uncompressed RLE: column by column, the first run counts zeros.

    Source: https://cocodataset.org/#format-data
    """
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return {"counts": [0, *counts] if flat[0] else counts, "size": list(mask.shape)}


def polygons_of(mask: Mask) -> list[list[float]]:
    """The outlines [x, y, x, y, ...] of a mask's connected parts, in pixels; holes are filled, specks left out."""
    (frame,) = ndimage.find_objects(mask.astype(np.uint8))
    labels, _ = ndimage.label(without_holes(mask[frame]))
    boxes = ndimage.find_objects(labels)
    parts = [labels[box] == label for label, box in enumerate(boxes, start=1)]
    sizes = [int(np.count_nonzero(part)) for part in parts]
    outlines = []
    for part, box, size in zip(parts, boxes, sizes, strict=True):
        if size >= min(_SMALLEST_PART_PX, max(sizes)):
            corner = [frame[1].start + box[1].start, frame[0].start + box[0].start]
            outlines.append(np.round(_simplified(_outline(part)) + np.array(corner), 2).ravel().tolist())
    return outlines


def _outline(part: Mask) -> npt.NDArray[np.complex128]:
    """The middles x + iy of the pixel edges around one 4-connected part without holes, in order.

    Where two pixels touch only at a corner, one of the other two would have to be enclosed, a filled hole;
    so each corner is left by exactly one edge and following them closes one loop.
    """
    padded = np.pad(part, 1)
    inner, stride = padded[1:-1, 1:-1], part.shape[1] + 1  # corners are numbered row by row
    following: dict[int, int] = {}
    for neighbour, start, end in (
        (padded[:-2, 1:-1], 0, 1),  # the edge above, from left to right
        (padded[1:-1, 2:], 1, stride + 1),
        (padded[2:, 1:-1], stride + 1, stride),
        (padded[1:-1, :-2], stride, 0),
    ):
        rows, columns = np.nonzero(inner & ~neighbour)
        corners = rows * stride + columns
        following.update(zip((corners + start).tolist(), (corners + end).tolist(), strict=True))
    loop = [next(iter(following))]
    while len(loop) < len(following):
        loop.append(following[loop[-1]])
    rows, columns = np.divmod(np.array(loop), stride)
    ring = columns + 1j * rows
    return np.asarray((ring + np.roll(ring, -1)) / 2)


def _simplified(ring: npt.NDArray[np.complex128], tolerance: float = 0.5) -> npt.NDArray[np.float64]:
    """A closed line, as (n, 2), without the points that lie within `tolerance` of the rest (Douglas-Peucker)."""
    far = int(np.abs(ring - ring[0]).argmax())
    line = np.append(ring, ring[0])
    keep, spans = {0, far}, [(0, far), (far, len(ring))]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        offsets = np.abs(((line[first + 1 : last] - line[first]) * np.conj(chord)).imag)
        widest = int(offsets.argmax())
        if offsets[widest] > tolerance * abs(chord):
            middle = first + 1 + widest
            keep.add(middle)
            spans += [(first, middle), (middle, last)]
    kept = line[sorted(keep)]
    return np.stack((kept.real, kept.imag), axis=1)
