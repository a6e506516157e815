"""What does an annotation file hold, and why is it no instances file?

What opens is known by its columns and its first annotation. COCO gives one split in several files, which differ in how
their names begin: instances_val2017.json, captions_val2017.json, panoptic_val2017.json. A refusal names the one to
open, in full where the refused file's own name follows this.

Source: https://cocodataset.org/#format-data, https://cocodataset.org/#download, https://cocodataset.org/#format-results
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from cocomine.coco.columns import Annotations, Category, FileKind, Images
from cocomine.coco.json_repair import masked
from cocomine.coco.mask_encoding import MaskEncoding
from cocomine.coco.reading.json_blocks import WrongFormError
from cocomine.coco.reading.json_cursor import MalformedJsonError
from cocomine.errors import DatasetError, NotInstancesError

HOLDS = {
    FileKind.INSTANCES: "objects with boxes or outlines",
    FileKind.KEYPOINTS: "objects with keypoints, which are kept in exports and not used otherwise",
    FileKind.LVIS: "objects, where only some classes were looked for in each image (LVIS)",
    FileKind.STUFF: "stuff, such as grass or sky: one region for each class and image",
}
"""What a person reads about each kind."""
STUFF_IDS = range(92, 184)
"""COCO-Stuff's categories, "other" included (https://github.com/nightrome/cocostuff)."""


def kind_of(
    images: Images, annotations: Annotations, categories: Sequence[Category], first_annotation: bytes
) -> FileKind:
    """Return the kind of a file with these columns, whose first annotation is these bytes."""
    if images.is_federated:
        return FileKind.LVIS
    if "num_keypoints" in fields_of(first_annotation):
        return FileKind.KEYPOINTS
    is_stuff = all(category.category_id in STUFF_IDS for category in categories)
    has_polygons = (annotations.mask_encodings == MaskEncoding.POLYGONS).any()
    return FileKind.STUFF if is_stuff and not has_polygons else FileKind.INSTANCES


def fields_of(record: bytes) -> frozenset[str]:
    """Return the names of a record's fields, none where it is no record."""
    try:
        return frozenset(msgspec.json.decode(masked(record), type=dict[str, msgspec.Raw]))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return frozenset()


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
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "a gzip archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"(\xb5/\xfd": "a zstd archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"%PDF": "a PDF document",
    b"PAR1": "a Parquet table",
    b"\x89HDF": "an HDF5 file",
    b"\x93NUMPY": "an array of NumPy",
    b"SQLite format 3": "an SQLite database",
    b"\x80\x04\x95": "a pickle of Python",
}
"""How files begin that are no text."""
TABLE_ADVICE = "Open the folder that holds the tables 'images', 'annotations' and 'categories' (docs/parquet.md)."
FOREIGN_TEXTS = (
    (b"version https://git-lfs", "a pointer that Git LFS left in the file's place. Run `git lfs pull` in its folder."),
    (b"<", "a web page or XML, not the file itself. Download it again, with the link to the file."),
)
"""How other texts begin, and what to do."""
WITHIN_LIST = re.compile(rb'\[\s*\{\s*"(?:images|annotations|categories|info|licenses)"\s*:\s*[\[{]')
PYTHON_WORDS = (b"True", b"False", b"None")
SEVERAL = (
    "a second document follows the first, as in JSON lines. COCO is one object: put the records into its lists "
    "'images', 'annotations' and 'categories'."
)
SHOWN_BYTES = 60
NOT_JSON = {
    ".yaml": "YAML, as YOLO describes a dataset",
    ".yml": "YAML, as YOLO describes a dataset",
    ".txt": "plain text, as YOLO's labels are",
    ".xml": "XML, as Pascal VOC's annotations are",
    ".csv": "a CSV table",
}


def refusal_by_beginning(path: Path, beginning: bytes) -> DatasetError | None:
    """Return what to say about an image, an archive or a list; None where the file may be an object."""
    name = next((name for start, name in BINARY.items() if beginning.startswith(start)), None)
    if name is not None:
        advice = (
            "Unpack it, and open its folder or the instances file in it."
            if "archive" in name
            else "Open the dataset's folder or its annotation file, such as instances_val2017.json, or "
            "stuff_val2017.json for COCO-Stuff."
        )
        advice = TABLE_ADVICE if name == BINARY[b"PAR1"] else advice
        return DatasetError(f"{path}: this is {name}, not an annotation file. {advice}")
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    what = _foreign_text(path, beginning, text)
    if what is not None:
        return DatasetError(f"{path}: this is {what}")
    if WITHIN_LIST.match(text):
        return NotInstancesError(f"{path}: the dataset stands in a list. Take the brackets around its braces away.")
    return _list_refusal(path, _first_record(text)) if text.startswith(b"[") else None


def _foreign_text(path: Path, beginning: bytes, text: bytes) -> str | None:
    """Return what else the text is, with what to do."""
    is_utf_16 = beginning.startswith((b"\xff\xfe", b"\xfe\xff")) or beginning[:2] in (b"{\0", b"\0{")
    if is_utf_16:
        return "text in UTF-16 (or UTF-32), which JSON must not be. Save it as UTF-8."
    if not beginning.strip(b"\0 \t\r\n"):
        return "a file of blanks or zero bytes: it was not written to its end. Fetch it again."
    if path.suffix.lower() in NOT_JSON:
        return None  # it is called by its name
    return next((advice for start, advice in FOREIGN_TEXTS if text.startswith(start)), None)


def refusal_by_keys(path: Path, keys: Collection[str]) -> NotInstancesError:
    """Return what to say about an object with these keys, `images` not among them."""
    name = next((name for marks, name in FOREIGN if marks <= set(keys)), None)
    if name is None and any(map(VIA_KEY.search, keys)):
        name = "a VIA file"
    if name is not None:
        return _foreign(path, name)
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


def form_refusal(path: Path, error: WrongFormError) -> DatasetError:
    """Return what to say about JSON whose document is no object, or whose list is none."""
    if not error.key:
        return _other_format(path) or DatasetError(
            f"{path}: not a COCO file: it holds {_shown(error.value)}, and must be an object in braces. {ANY_COCO}"
        )
    what = "an object" if error.value.startswith(b"{") else "a value"
    return DatasetError(
        f"{path}: '{error.key}' is {what} ({_shown(error.value)}), and must be a list in brackets: "
        f'"{error.key}": [{{...}}, {{...}}]. {_as_list(error)}'
    )


def _as_list(error: WrongFormError) -> str:
    if error.value.startswith(b"{"):
        return "Put its values, without the names before them, into a list; each needs its own 'id'."
    return "Write the records as a list, or [] where there are none."


def malformed_refusal(path: Path, error: MalformedJsonError, size: int) -> DatasetError:
    """Return what to say about a file of this size in bytes that is no JSON."""
    cause = _cause(error.before, error.behind)
    if cause is not None:
        return DatasetError(f"{path}: not valid JSON ({error}): {cause}")
    if (other := _other_format(path)) is not None:
        return other
    if "truncated" in str(error):
        advice = f"It ends after {size:,} bytes, before its last bracket is closed; fetch it again."
    else:
        found = f" Found {_shown(error.behind)}" if error.behind else ""
        advice = f"{found.strip()} Fetch the file again, or correct that place.".strip()
    return DatasetError(f"{path}: not valid JSON ({error}). {advice}")


def _other_format(path: Path) -> DatasetError | None:
    name = NOT_JSON.get(path.suffix.lower())
    if name is None:
        return None
    return DatasetError(f"{path}: this is no JSON but {name}. Export it as COCO. {ANY_COCO}")


def _cause(before: bytes, behind: bytes) -> str | None:
    """Return what a person did or which program wrote it, by the characters around the flaw; None if that is open."""
    last = before.rstrip()[-1:]
    causes = (
        (
            behind.startswith(b"'"),
            "texts stand in single quotes, as Python prints them. Write the file with json.dump.",
        ),
        (behind.startswith(PYTHON_WORDS), "Python's True, False or None stands there. Write the file with json.dump."),
        (behind.startswith((b"//", b"/*", b"#")), "a comment stands there, which JSON does not have. Remove comments."),
        (last == b"," and behind[:1] in (b"]", b"}"), "a comma stands before the closing bracket. Remove it."),
        (behind.startswith(b"\0"), "zero bytes stand there: the file was not written to its end. Fetch it again."),
        (last in (b"]", b"}") and behind[:1] in (b"{", b"["), SEVERAL),
    )
    return next((cause for is_cause, cause in causes if is_cause), None)


def _shown(value: bytes) -> str:
    """Return the beginning of a value in one line."""
    text = " ".join(value[:SHOWN_BYTES].decode(errors="replace").split())
    return f"{text}..." if len(value) > SHOWN_BYTES else text


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
    held, prefix = next((held for key, held in RESULTS.items() if first.get(key)), (None, "instances"))
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
    which = "which lies beside it" if path.with_name(name).is_file() else "the file with the objects of these images"
    return f"Open {name}, {which}."
