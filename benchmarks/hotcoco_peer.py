"""How would a person do it who takes the fastest tool there is? Through hotcoco's methods, as it documents them."""

from functools import cached_property
from pathlib import Path
from typing import Any

from hotcoco import COCO

from benchmarks.job import Job, written_sizes


class Hotcoco:
    """The peer's side; it keeps nothing between two processes."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.written = Path(job.scratch) / "subset_by_hotcoco.json"

    def open_and_check(self) -> list[int]:
        """Open the large file, check it, and count what is in it."""
        self.coco.healthcheck()
        counts = self.coco.stats()
        return [counts["image_count"], counts["annotation_count"], counts["category_count"]]

    def open_file(self) -> None:
        """Open the large file."""
        self.coco  # noqa: B018 - it is opened when it is asked for first

    @cached_property
    def coco(self) -> Any:
        """The large file, open."""
        return COCO(self.job.annotation_file)

    def subset_json(self) -> None:
        """Write the JSON of all images with any of the classes, with the annotations of the classes."""
        category_ids = self.coco.get_cat_ids(cat_nms=list(self.job.classes))
        self.coco.filter(cat_ids=category_ids).save(str(self.written))

    def subset_written(self) -> list[int]:
        """Read the JSON back: images, annotations, and the sums of their ids."""
        return written_sizes(self.written)
