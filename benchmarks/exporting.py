"""How long does a whole export take: all formats, image files by hard links, and what was written verified?

The originals are repeated until the selection holds a few thousand images, each with an image file of its own, a link
to the original's: an export reads every image, and its time grows with them.
"""

import math
import os
import shutil
from functools import cached_property
from itertools import count
from pathlib import Path

from benchmarks.job import LABEL_SIZE_PX, Job
from benchmarks.tiling import tile, tiled_from
from cocomine.coco.dataset import Dataset
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.exporting.planning.plan import ExportPlan, plan_export
from cocomine.exporting.writing import write_export
from cocomine.mining.selection.recipe import FORMATS, Recipe, sources_of
from cocomine.mining.selection.selection import Selection, select


class WholeExport:
    """Our side; the plan is made before."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._folder = Path(job.scratch) / "whole-export"
        self._numbers = count(1)

    def prepare(self) -> int:
        """Repeat the originals, link their images, and plan; return how many images there are to export."""
        shutil.rmtree(self._folder, ignore_errors=True)
        (self._folder / "images" / "all").mkdir(parents=True)
        (self._folder / "annotations").mkdir()
        return self.plan.subset.image_count

    def export(self) -> None:
        """Write the export."""
        write_export(self.plan, self._folder / f"export-{next(self._numbers)}")

    def has_images(self) -> bool:
        """Tell whether every image of the originals has a file."""
        return all(dataset.splits[0].image_at(index).path for dataset, index in self._original_images)

    @cached_property
    def plan(self) -> ExportPlan:
        """All formats of the selected classes."""
        dataset = self._tiled()
        recipe = Recipe(
            dataset_name="",
            sources=sources_of(dataset),
            selection=Selection(classes=self.job.classes),
            size_px=LABEL_SIZE_PX,
            formats=FORMATS,
        )
        return plan_export(dataset, recipe)

    def _tiled(self) -> Dataset:
        wanted, selection = self.job.exported_images, Selection(classes=self.job.classes)
        share = sum(select(each, selection).image_count for each in self._originals) / len(self._original_images)
        image_count = math.ceil(wanted / share)
        sources = [Path(path) for path in self.job.originals]
        file = self._folder / "annotations" / "instances_all.json"
        tile(sources, image_count, file)
        for image_id, (source, index) in enumerate(tiled_from(sources, image_count), start=1):
            original = self._originals[source].splits[0].image_at(index).path
            if original is not None:
                os.link(original, self._folder / "images" / "all" / f"{image_id:012d}.jpg")
        return open_dataset(file, image_folders=ImageFolders(named={"all": self._folder / "images" / "all"}))

    @cached_property
    def _originals(self) -> list[Dataset]:
        return [open_dataset(Path(path)) for path in self.job.originals]

    @property
    def _original_images(self) -> list[tuple[Dataset, int]]:
        return [(each, index) for each in self._originals for index in range(each.image_count)]
