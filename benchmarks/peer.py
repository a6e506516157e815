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
from PIL import Image
from pycocotools.coco import COCO

from benchmarks.job import LABEL_SIZE_PX, Job, written_sizes
from cocomine.labels.label_table import IGNORED_LABEL


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
        images = self.coco.dataset["images"][: self.job.label_map_count]
        for image in images:
            self._label_map(self.coco.imgToAnns.get(image["id"], []))
        return len(images)

    def _label_map(self, annotations: list[dict[str, Any]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
        size = LABEL_SIZE_PX, LABEL_SIZE_PX
        painted, free = np.zeros(size, dtype=np.uint8), np.ones(size, dtype=bool)
        for annotation in sorted(annotations, key=lambda each: (each["iscrowd"], -each["area"])):
            full = Image.fromarray(self.coco.annToMask(annotation))
            mask = np.asarray(full.resize(size, Image.Resampling.NEAREST), dtype=bool)
            if annotation["iscrowd"]:
                painted[free & mask] = IGNORED_LABEL
            else:
                painted[mask] = annotation["category_id"]
                free &= ~mask
        return painted
