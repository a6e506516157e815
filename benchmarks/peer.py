"""How would a person do it who knows pycocotools well?

Through its methods, as its documentation shows; where its insides or another
call of the standard library are faster, a second method does that too.
"""

import json
from collections.abc import Iterable
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pycocotools.coco import COCO

from benchmarks.job import LABEL_SIZE_PX, Job, label_at, written_sizes
from cocomine.labels.table import IGNORED_LABEL

Mask = NDArray[np.uint8]
"""Of zeros and ones, or of labels."""


class Pycocotools:
    """The peer's side; everything but `open_file` needs the file open."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.coco: Any = None
        self.written = Path(job.scratch) / "subset_by_pycocotools.json"

    def open_file(self) -> list[int]:
        """Open the large file."""
        self.coco = COCO(self.job.annotation_file)
        return [len(self.coco.imgs), len(self.coco.anns), len(self.coco.cats)]

    def pairs(self) -> list[list[int]]:
        """Count the images that two categories share, all pairs, through pycocotools' methods."""
        coco = self.coco
        return self._pairs(coco.loadAnns(coco.getAnnIds(imgIds=[image_id])) for image_id in coco.getImgIds())

    def pairs_from_index(self) -> list[list[int]]:
        """Count the same from pycocotools' inner index, without its methods."""
        return self._pairs(self.coco.imgToAnns.values())

    def _pairs(self, annotations_of_images: Iterable[list[dict[str, Any]]]) -> list[list[int]]:
        found: dict[tuple[int, int], int] = {}
        for annotations in annotations_of_images:
            present = sorted({annotation["category_id"] for annotation in annotations})
            for pair in combinations_with_replacement(present, 2):
                found[pair] = found.get(pair, 0) + 1
        ids = [category["id"] for category in self.coco.dataset["categories"]]
        return [[found.get((min(row, column), max(row, column)), 0) for column in ids] for row in ids]

    def subset_json(self) -> None:
        """Write the JSON of all images with any of the classes, with the annotations of the classes."""
        with self.written.open("w", encoding="utf-8") as file:
            json.dump(self._subset(), file)

    def subset_json_at_once(self) -> None:
        """Write the same by `json.dumps`, whose C encoder is faster, at the price of the text in memory."""
        self.written.write_text(json.dumps(self._subset()), encoding="utf-8")

    def _subset(self) -> dict[str, Any]:
        coco = self.coco
        category_ids = coco.getCatIds(catNms=list(self.job.classes))
        image_ids = sorted({image_id for each in category_ids for image_id in coco.getImgIds(catIds=[each])})
        return {
            "info": coco.dataset["info"],
            "licenses": coco.dataset["licenses"],
            "images": coco.loadImgs(image_ids),
            "annotations": coco.loadAnns(coco.getAnnIds(imgIds=image_ids, catIds=category_ids)),
            "categories": coco.loadCats(category_ids),
        }

    def subset_written(self) -> list[int]:
        """Read the JSON back: images, annotations, and the sums of their ids."""
        return written_sizes(self.written)

    def label_maps(self) -> int:
        """Make the label maps of the first images: each mask decoded at full size, reduced, painted over the larger."""
        return self._label_maps(reduced_first=True)

    def label_maps_reduced_last(self) -> int:
        """Make them with the masks painted at full size, and reduce each map once."""
        return self._label_maps(reduced_first=False)

    def _label_maps(self, *, reduced_first: bool) -> int:
        images = self.coco.dataset["images"][: self.job.label_map_count]
        label_of = {each["id"]: label_at(index) for index, each in enumerate(self.coco.dataset["categories"])}
        for image in images:
            annotations = _by_depth(self.coco.imgToAnns.get(image["id"], []))
            labels = [IGNORED_LABEL if each["iscrowd"] else label_of[each["category_id"]] for each in annotations]
            masks = map(self.coco.annToMask, annotations)
            if reduced_first:
                painted(map(_reduced, masks), labels, (LABEL_SIZE_PX, LABEL_SIZE_PX))
            else:
                _reduced(painted(masks, labels, (image["height"], image["width"])))
        return len(images)


def painted(masks: Iterable[Mask], labels: Iterable[int], size: tuple[int, int]) -> Mask:
    """Return a label map, (height, width): later masks over earlier ones, ignored where nothing else is."""
    labelled = np.zeros(size, dtype=np.uint8)
    for label, mask in zip(labels, masks, strict=True):
        covered = mask.view(bool)
        labelled[covered & (labelled == 0) if label == IGNORED_LABEL else covered] = label
    return labelled


def _by_depth(annotations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(annotations, key=lambda each: (each["iscrowd"], -each["area"]))  # crowd regions last


def _reduced(values: Mask) -> Mask:
    return np.array(Image.fromarray(values).resize((LABEL_SIZE_PX, LABEL_SIZE_PX), Image.Resampling.NEAREST))
