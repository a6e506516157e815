"""What each format of an export says of its images, read by the few rules of the format itself."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import yaml

Contents = dict[str, Counter[str]]
"""By image name without folder and ending, its objects without crowd regions, by class."""


def coco_contents(path: Path) -> tuple[Contents, list[str]]:
    """The objects of a COCO JSON, and its classes in their order."""
    value = json.loads(path.read_bytes())
    names = {each["id"]: each["name"] for each in value["categories"]}
    images = {each["id"]: Path(each["file_name"]).stem for each in value["images"]}
    contents = {stem: Counter[str]() for stem in images.values()}
    for each in value["annotations"]:
        if not each.get("iscrowd"):
            contents[images[each["image_id"]]][names[each["category_id"]]] += 1
    return contents, list(names.values())


def yolo_contents(folder: Path, data: Path) -> tuple[Contents, list[str]]:
    """The objects of a folder of texts, and the classes of a data file."""
    names: dict[int, str] = yaml.safe_load(data.read_text(encoding="utf-8"))["names"]
    texts = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.glob("*.txt"))}
    contents = {stem: Counter(names[int(line.split()[0])] for line in lines) for stem, lines in texts.items()}
    return contents, list(names.values())


def voc_contents(folder: Path, image_set: str) -> Contents:
    """The objects of the images of a set."""
    stems = (folder / "ImageSets" / "Main" / f"{image_set}.txt").read_text(encoding="utf-8").split("\n")[:-1]
    roots = {stem: ET.parse(folder / "Annotations" / f"{stem}.xml") for stem in stems}  # noqa: S314 - we wrote it
    return {stem: Counter(str(each.text) for each in root.iterfind("object/name")) for stem, root in roots.items()}


def hf_contents(path: Path) -> Contents:
    """The objects of a `metadata.jsonl`."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {Path(line["file_name"]).stem: _objects(line["objects"]) for line in lines}


def mined_contents(path: Path, split: str) -> Contents:
    """The objects of the paper's image dictionary."""
    images = json.loads(path.read_bytes())[split]
    return {
        Path(name).stem: Counter(each["class"] for each in entries if not each["is_crowd"])
        for name, entries in images.items()
    }


def _objects(lists: dict[str, list[Any]]) -> Counter[str]:
    pairs = zip(lists["category_name"], lists["is_crowd"], strict=True)
    return Counter(name for name, is_crowd in pairs if not is_crowd)
