"""An export of which somebody damages one file of each kind while it is written, and what is said of it."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from recorded_exports import GROUPS, planned, recorded_dataset
from recordings import Sections, indented

from cocomine.exporting.verification import verified_sentence
from cocomine.exporting.writing import Phase, write_export
from cocomine.mining.selection.recipe import FORMATS
from cocomine.mining.selection.selection import Others, Selection
from cocomine.system.jobs import Progress

Change = Callable[[bytes], bytes | None]
"""Returns what stands in the place of a file's bytes; None where the file is gone."""


def painted(*values: int, width: int = 32, height: int = 32) -> Change:
    """A map with these values, one a row, and the last one in all others."""
    pixels = np.full((height, width), values[-1], dtype=np.uint8)
    pixels[: len(values)] = np.array(values)[:, None]
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG")
    return lambda _: buffer.getvalue()


def said(text: str) -> Change:
    """Another text."""
    return lambda _: text.encode()


def replaced(before: str, after: str) -> Change:
    """The text with something else in it, once."""

    def change(data: bytes) -> bytes:
        assert before.encode() in data
        return data.replace(before.encode(), after.encode(), 1)

    return change


def without_last(key: str) -> Change:
    """The JSON document without the last entry of one of its lists."""

    def change(data: bytes) -> bytes:
        value: dict[str, Any] = json.loads(data)
        return json.dumps(value | {key: value[key][:-1]}).encode()

    return change


def turned_round(data: bytes) -> bytes:
    """The COCO file with its categories in another order."""
    value = json.loads(data)
    return json.dumps(value | {"categories": value["categories"][::-1]}, separators=(", ", ": ")).encode()


def gone(_: bytes) -> None:
    """No file."""


def half(data: bytes) -> bytes:
    """The first half of a file."""
    return data[: len(data) // 2]


def longer(data: bytes) -> bytes:
    """A file with one byte more."""
    return data + b"\n"


DAMAGES: dict[str, Change] = {
    "labels/train2017/a.png": gone,
    "labels/train2017/b.png": half,
    "labels/train2017/e.png": painted(0, 9),
    "labels/train2017/near.png": painted(1, 2, 0),
    "labels/train2017/tall.png": painted(1, 2, 255, 0, width=33),
    "labels/train2017/turned.png": painted(255, 0),
    "labels/train2017/twin.png": painted(0),
    "labels/train2017/a.txt": gone,
    "labels/train2017/b.txt": said("0 0.1 0.1 0.2 0.1 0.2 0.2\n"),
    "labels/train2017/e.txt": said("0 0.1 0.1 0.2 0.1 0.2 0.2\n" * 2),
    "labels/train2017/near.txt": said("2 0.1 0.1 0.2 0.1 0.2 0.2\n" * 2),
    "labels/train2017/turned.txt": replaced("0 ", "1 "),
    "yolo-detect/labels/train2017/a.txt": replaced(" ", " 0.5 "),
    "yolo-detect/labels/train2017/b.txt": said(""),
    "yolo-detect/labels/train2017/e.txt": gone,
    "voc/Annotations/train2017/a.xml": half,
    "voc/Annotations/train2017/b.xml": replaced("</annotation>", "<object/><object/></annotation>"),
    "voc/Annotations/train2017/e.xml": replaced("<name>pet", "<name>pets"),
    "voc/Annotations/train2017/near.xml": gone,
    "voc/SegmentationClass/train2017/a.png": painted(0, width=48),
    "voc/SegmentationClass/train2017/b.png": painted(3, 1, 2, 0, width=48),
    "voc/SegmentationClass/train2017/e.png": painted(1, 255, width=32, height=48),
    "voc/SegmentationClass/train2017/tall.png": painted(1, 2, 255, 0, width=20, height=40),
    "voc/SegmentationObject/train2017/a.png": painted(1, 2, 3, 4, width=48),
    "voc/SegmentationObject/train2017/e.png": painted(1, width=47),
    "annotations/instances_train2017.json": replaced('"area": 320', '"area": 321'),
    "annotations/instances_val2017.json": turned_round,
    "annotations/ignored_train2017.json": half,
    "roboflow/train/_annotations.coco.json": without_last("annotations"),
    "roboflow/valid/_annotations.coco.json": gone,
    "images/train2017/a.png": longer,
    "images/train2017/b.png": gone,
    "hf/train/e.png": half,
    "recipe.yaml": replaced("size_px: 32", "size_px: 33"),
    "ATTRIBUTION.csv": longer,
    "id_map.json": replaced("mug", "jug"),
    "labels.json": replaced("mug", "jug"),
    "mined.json": half,
    "yolo/data.yaml": replaced("../images/train2017", "../images/train"),
    "yolo-detect/data.yaml": replaced("0: pet", "0: mug"),
    "voc/labelmap.txt": replaced("128", "127"),
    "voc/ImageSets/Main/train.txt": longer,
    "voc/ImageSets/Segmentation/val.txt": gone,
    "hf/README.md": said("---\n---\n"),
    "hf/train/metadata.jsonl": replaced('"image_id": 11', '"image_id": 12'),
}


def recorded_damage(folder: Path) -> Sections:
    """Write an export in all formats, whose files are damaged before it is verified, and return what is told.

    Args:
        folder: with the dataset, and where the export goes.
    """
    dataset = recorded_dataset(folder / "recorded data")
    selection = Selection(classes=("pet", "mug"), groups=GROUPS, others=Others.IGNORE)
    excluded = (("train2017", 5),)
    plan = planned(dataset, selection=selection, excluded=excluded, formats=FORMATS, images="copy", size_px=32)
    out = folder / "damaged"

    def begin(phase: str) -> Progress:
        def told(done: int, total: int) -> None:
            if (phase, done) == (Phase.IMAGES, total):
                (new,) = folder.glob(".*.cocomine-part/new")
                _damage(new)

        return told

    manifest = write_export(plan, out, progress=begin, workers=1)
    missing = [each["path"] for each in manifest["files"] if each["size"] is None]
    return {
        "told": "\n".join([verified_sentence(manifest), *manifest["defects"]]) + "\n",
        "missing": "\n".join(missing) + "\n",
        "warnings": indented(manifest["warnings"]),
    }


def _damage(folder: Path) -> None:
    for path, change in DAMAGES.items():
        file = folder / path
        data = change(file.read_bytes())
        file.unlink()
        if data is not None:
            file.write_bytes(data)
