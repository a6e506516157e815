"""Do an export's COCO files, and the files that are there once, hold what the plan says?"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from cocomine.coco.dataset import Ints
from cocomine.coco.reading.annotation_file import read_split
from cocomine.errors import CocomineError
from cocomine.exporting.planning.expected import Check
from cocomine.exporting.planning.names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.labels.table import label_table_from_json
from cocomine.mining.selection.recipe import recipe_from_text
from cocomine.mining.selection.selection import SubsetSplit


def coco_flaws(plan: ExportPlan, part: SubsetSplit) -> Callable[[Path], list[str]]:
    """Return what compares a split's COCO JSON with its source, record by record."""

    def flaws(path: Path) -> list[str]:
        try:
            split, categories = read_split(path, name=part.split.name, image_folder=None)
        except CocomineError:
            return ["that cannot be read back"]
        source, written = part.split, split
        wanted = (source.images.ids[part.image_index], source.annotations.ids[part.annotation_index])
        found = (written.images.ids, written.annotations.ids)
        if not all(map(np.array_equal, wanted, found)):
            images, annotations = map(_missing_count, wanted, found)
            return [
                f"without {images:,} of {len(wanted[0]):,} images or {annotations:,} of {len(wanted[1]):,} annotations"
            ]
        records = source.annotations.spans[part.annotation_index]
        differing = sum(
            one != other
            for one, other in zip(
                source.source.records(records), written.source.records(written.annotations.spans), strict=True
            )
        )
        differing += _differing_images(part, written.source.records(written.images.spans))
        known = {(category.category_id, category.name) for category in categories}
        picked = [plan.subset.dataset.category_index_of(name) for name in plan.recipe.selection.classes]
        classes = [plan.subset.dataset.categories[index] for index in picked]
        nameless = sum((each.category_id, each.name) not in known for each in classes)
        return [
            *([f"with {differing:,} records that differ from their source"] if differing else []),
            *([f"without {nameless:,} of the classes"] if nameless else []),
        ]

    return flaws


def document_checks(plan: ExportPlan) -> Iterator[Check]:
    """Yield the files that an export has once, each with what compares it with the plan."""
    formats = plan.recipe.formats
    yield _document("recipe.yaml", lambda text: recipe_from_text(text) == plan.recipe)
    yield _document("ATTRIBUTION.csv", lambda text: _has_rows(text, plan.subset.image_count + 1))
    yield _document("README.md", lambda text: f"{plan.subset.image_count:,} images" in text)
    if "masks" in formats:
        yield _document("labels.json", lambda text: label_table_from_json(json.loads(text)) == plan.table)
    if "mined" in formats:
        yield _document("mined.json", lambda text: _is_mined(json.loads(text), plan))
    if "yolo" in formats:
        yield _document("yolo/data.yaml", lambda text: _is_data(yaml.safe_load(text), plan))


def _document(path: str, is_as_planned: Callable[[str], bool]) -> Check:
    def flaws(place: Path) -> list[str]:
        try:
            is_right = is_as_planned(place.read_text(encoding="utf-8"))
        except (CocomineError, KeyError, TypeError, ValueError, yaml.YAMLError):
            is_right = False
        return [] if is_right else ["not as planned"]

    return Check(kind="Other files", path=path, flaws=flaws)


def _missing_count(wanted: Ints, found: Ints) -> int:
    return int((~np.isin(wanted, found)).sum())


def _differing_images(part: SubsetSplit, written: Iterator[bytes]) -> int:
    """Return how many image records are not those of the source, but for an absolute name."""
    split, differing = part.split, 0
    records = split.source.records(split.images.spans[part.image_index])
    for index, one, other in zip(part.image_index.tolist(), records, written, strict=True):
        if one != other:
            renamed = json.loads(one) | {"file_name": exported_name(split, index)}
            differing += renamed != json.loads(other)
    return differing


def _has_rows(text: str, count: int) -> bool:
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""))) == count


def _is_mined(value: Any, plan: ExportPlan) -> bool:
    counts = {split: (len(images), sum(map(len, images.values()))) for split, images in value.items()}
    return counts == {part.split.name: (len(part.image_index), len(part.annotation_index)) for part in plan.parts}


def _is_data(value: Any, plan: ExportPlan) -> bool:
    """Return whether every class has its number, and every split with a role is named where its pictures are."""
    names = dict(enumerate(label.name for label in plan.table.labels[1:]))
    uses = [(str(role), part.split.name) for part in plan.parts if (role := plan.recipe.role_of(part.split.name))]
    named = [(use, place) for use in ("train", "val", "test") for place in value.get(use, [])]
    return value["names"] == names and sorted(named) == sorted((use, f"../images/{split}") for use, split in uses)
