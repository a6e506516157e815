"""Why is a file no instances file, and which one is to be opened instead?

COCO gives one split in several files, told apart by how their names begin:
instances_val2017.json, captions_val2017.json, panoptic_val2017.json. A refusal
names the one to open, in full where the refused file's own name follows this.

Source: https://cocodataset.org/#download, https://cocodataset.org/#format-results
"""

import json
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from msgspec import ValidationError

from cocomine.coco.kinds import fields_of
from cocomine.coco.scanning import MalformedJsonError
from cocomine.errors import DatasetError, NotInstancesError

ANY_COCO = "Open a file with 'images', 'annotations' and 'categories'."
NAMED_SPLIT = re.compile(r"(train|val|test|unlabeled)[a-z-]*(20\d\d)")
RELEASES = (2014, 2017)
"""Years of which COCO has published annotations."""
RESULTS = {
    "caption": ("captions", "instances"),
    "keypoints": ("keypoints", "person_keypoints"),
    "segmentation": ("masks", "instances"),
    "bbox": ("boxes", "instances"),
}
"""By the field that tells: what a list of results holds, and how the name of the file it belongs to begins."""
FOREIGN = (
    ({"shapes", "imagePath"}, "a labelme file"),
    ({"_via_img_metadata"}, "a VIA project"),
    ({"samples"}, "a FiftyOne export"),
    ({"sample_fields"}, "a FiftyOne export"),
    ({"classes", "labels"}, "a FiftyOne export"),
    ({"objects", "size"}, "a Supervisely file"),
    ({"type", "features"}, "a GeoJSON file"),
)
"""Keys of the files of other programs."""
FOREIGN_LISTS = (
    ({"image", "annotations"}, "a Create ML file"),
    ({"data", "annotations"}, "a Label Studio export"),
    ({"name", "labels"}, "a Scalabel (BDD100K) file"),
)
"""The same for lists: keys of the first record."""
VIA_KEY = re.compile(r"\.(jpe?g|png)-?\d+$", re.IGNORECASE)
"""VIA keeps an image under its name and its size."""
BINARY = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
}
"""How files begin that are no text."""
NOT_JSON = {
    ".yaml": "YAML, as YOLO describes a dataset",
    ".yml": "YAML, as YOLO describes a dataset",
    ".txt": "plain text, as YOLO's labels are",
    ".xml": "XML, as Pascal VOC's annotations are",
    ".csv": "a CSV table",
}


def refusal_by_beginning(path: Path, beginning: bytes) -> DatasetError | None:
    """Return what to say about a picture, an archive or a list; None where the file may be an object."""
    name = next((name for sign, name in BINARY.items() if beginning.startswith(sign)), None)
    if name is not None:
        advice = (
            "Unpack it, and open its folder or the instances file in it."
            if "archive" in name
            else "Open the dataset's folder or its annotation file, such as instances_val2017.json, or "
            "stuff_val2017.json for COCO-Stuff."
        )
        return DatasetError(f"{path}: this is {name}, not an annotation file. {advice}")
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    return _list_refusal(path, _first_record(text)) if text.startswith(b"[") else None


def refusal_by_keys(path: Path, keys: Collection[str]) -> NotInstancesError:
    """Return what to say about an object with these keys, `images` not among them."""
    known = next((name for signs, name in FOREIGN if signs <= set(keys)), None)
    if known is None and any(map(VIA_KEY.search, keys)):
        known = "a VIA file"
    if known is not None:
        return _foreign(path, known)
    return NotInstancesError(f"{path}: not a COCO file: it has no 'images'. {ANY_COCO}")


def refusal_by_annotation(path: Path, record: bytes) -> NotInstancesError | None:
    """Return what to say about a file with such an annotation, None if it may be one of an instance."""
    fields = fields_of(record)
    if "segments_info" in fields:
        converted = "Or convert it with panopticapi's panoptic2detection_coco_format.py, and open the result."
        return _no_instances(path, "panoptic annotations, one record per image", f"{_sibling(path)} {converted}")
    if "caption" in fields and "category_id" not in fields:
        return _no_instances(path, "captions", _sibling(path))
    return None


def image_info_refusal(path: Path, *, lacking: str) -> NotInstancesError:
    """Return what to say about images that have no annotations, or none with names."""
    return _no_instances(path, f"image information without {lacking}", _belonging(path, "instances"))


def nameless_refusal(path: Path) -> NotInstancesError:
    """Return what to say about annotations where no category is listed."""
    return _no_instances(
        path, "annotations without categories", f"Add its list 'categories'. Or else: {_sibling(path)}"
    )


def no_coco_refusal(path: Path, error: MalformedJsonError | ValidationError, size: int) -> DatasetError:
    """Return what to say about a file of this size in bytes that is no JSON, or JSON of another form."""
    by_name = NOT_JSON.get(path.suffix.lower())
    if by_name is not None:
        return DatasetError(f"{path}: this is no JSON but {by_name}. Export it as COCO. {ANY_COCO}")
    if isinstance(error, ValidationError):
        return DatasetError(f"{path}: not a COCO file ({error}). {ANY_COCO}")
    advice = f"It ends after {size:,} bytes; fetch it again." if "truncated" in str(error) else "Fetch or repair it."
    return DatasetError(f"{path}: not valid JSON ({error}). {advice}")


def _first_record(text: bytes) -> Mapping[str, Any]:
    """Return the first record of a list, of which only the beginning may be there; an empty one if it has none."""
    try:
        record, _ = json.JSONDecoder().raw_decode(text[1:].lstrip().decode(errors="replace"))
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def _list_refusal(path: Path, first: Mapping[str, Any]) -> NotInstancesError:
    foreign = next((name for keys, name in FOREIGN_LISTS if keys <= first.keys()), None)
    if foreign is not None:
        return _foreign(path, foreign)
    held, prefix = next((told for key, told in RESULTS.items() if first.get(key)), (None, "instances"))
    what = f"a list of {held}" if held else "a list"
    return NotInstancesError(
        f"{path}: this is {what}, as detectors write their results, not a dataset. {_belonging(path, prefix)}"
    )


def _no_instances(path: Path, what: str, advice: str) -> NotInstancesError:
    return NotInstancesError(f"{path}: this file holds {what}, no instances. {advice}")


def _foreign(path: Path, name: str) -> NotInstancesError:
    return NotInstancesError(f"{path}: not a COCO file: this is {name}. Export it as COCO. {ANY_COCO}")


def _belonging(path: Path, prefix: str) -> str:
    """Return which file to open for images which may be of a split that has no public annotations."""
    found = NAMED_SPLIT.search(path.name)
    if found is None or found[1] in ("train", "val"):
        return _sibling(path, prefix)
    year = max((release for release in RELEASES if release <= int(found[2])), default=RELEASES[0])
    return (
        f"There are no public annotations for COCO's {found[1]} images. "
        f"Open {prefix}_train{year}.json or {prefix}_val{year}.json."
    )


def _sibling(path: Path, prefix: str = "instances") -> str:
    """Return which file of the same images to open."""
    found = NAMED_SPLIT.search(path.name)
    if found is None:
        return f"Open the file with the objects of these images ({prefix}_*.json)."
    name = f"{prefix}_{found[0]}.json"
    place = "which lies beside it" if path.with_name(name).is_file() else "the file with the objects of these images"
    return f"Open {name}, {place}."
