"""How does CocoMine do it? Through the functions that the app and the command line call."""

from functools import cached_property
from itertools import cycle
from pathlib import Path

from benchmarks.job import LABEL_SIZE_PX, Job, label_at, written_sizes
from cocomine.coco.dataset import Dataset, DatasetImage
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.coco.size import Size
from cocomine.drawing.images import image_jpeg
from cocomine.drawing.outlines import outlines_of_image
from cocomine.exporting.formats.coco import coco_json
from cocomine.exporting.image_batches import IMAGES_AT_ONCE
from cocomine.labels.label_map import label_maps
from cocomine.labels.table import class_table
from cocomine.mining.advice.constraints import Constraints
from cocomine.mining.advice.exclude_or_add import add_advice, exclude_advice
from cocomine.mining.advice.quiet_sets import QuietSetRequest, quiet_advice
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.selection.combinations import combination_table
from cocomine.mining.selection.counting import (
    CandidateImages,
    class_index_of,
    image_counts_by_mode,
    images_removed_by_excluding,
)
from cocomine.mining.selection.other_classes import other_classes
from cocomine.mining.selection.selection import Mode, Selection, select
from cocomine.mining.statistics.categories import presence
from cocomine.system.files import atomic_file

PICTURE_COUNT = 100
THUMBNAIL_PX = 480
"""As the gallery has it; importing that would bring Streamlit along."""


class CocoMine:
    """Our side; everything but opening needs the columns that `first_open` left."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.written = Path(job.scratch) / "subset_by_cocomine.json"

    def first_open(self) -> list[int]:
        """Open the large file, keep its columns, and check the dataset's health."""
        dataset = self.dataset
        integrity_report(dataset, check_files=False)
        return _sizes(dataset)

    def open_file(self) -> list[int]:
        """Open the large file anew, from the columns kept."""
        return _sizes(self.dataset)

    @cached_property
    def dataset(self) -> Dataset:
        """The large file, open."""
        return open_dataset(Path(self.job.annotation_file), index=Path(self.job.index))

    @cached_property
    def candidates(self) -> CandidateImages:
        """The images that selections take from, as the app keeps them."""
        return CandidateImages(
            class_index=class_index_of(self.dataset, presence(self.dataset), None), dataset=self.dataset
        )

    def pairs(self) -> list[list[int]]:
        """Count all pairs of categories and compare each with chance."""
        counts: list[list[int]] = pair_table(presence(self.dataset), self.dataset.category_names).counts.tolist()
        return counts

    def mode_counts(self) -> list[int]:
        """Count the images that each mode would give."""
        counts = image_counts_by_mode(self.candidates, Selection(classes=self.job.classes))
        return list(counts.values())

    def what_if(self) -> list[int]:
        """Count what the next selection would give: in each mode, in numbers, and without each other class."""
        selection = next(self._next_selection)
        modes = image_counts_by_mode(self.candidates, selection)
        price = images_removed_by_excluding(self.candidates, selection)
        return [*modes.values(), sum(price.values()), self.candidates.counts(selection).image_count]

    def counters(self) -> list[int]:
        """Count all that Choose shows of the next selection: two to four classes, in each mode."""
        selection = next(self._next_selection)
        candidates = self.candidates
        modes = image_counts_by_mode(candidates, selection)
        price = images_removed_by_excluding(candidates, selection)
        counts = candidates.counts(selection)
        table = combination_table(candidates, selection)
        others = other_classes(select(self.dataset, selection))
        return [
            *modes.values(),
            sum(price.values()),
            counts.image_count,
            others.selected.object_count,
            table.image_count,
            others.total.object_count,
        ]

    def suggestions(self) -> int:
        """Weigh what to exclude and include for the next selection, and find low-overlap sets."""
        selection, candidates = next(self._next_selection), self.candidates
        exclude = exclude_advice(candidates, selection, Constraints())
        add = add_advice(candidates, selection, Constraints())
        quiet = quiet_advice(candidates, self.table, Selection(), constraints=Constraints(), request=QuietSetRequest())
        return len(exclude.suggestions) + len(add.suggestions) + len(quiet.choices)

    @cached_property
    def table(self) -> PairTable:
        """Every pair of categories, as the app keeps it."""
        return pair_table(self.candidates.class_index.every.presence, self.dataset.category_names)

    @cached_property
    def _next_selection(self) -> "cycle[Selection]":
        frequent = tuple(self.job.categories[index] for index in self.table.counts.diagonal().argsort()[::-1][:2])
        return cycle(Selection(classes=classes, mode=mode) for classes in (self.job.classes, frequent) for mode in Mode)

    def subset_json(self) -> None:
        """Write the JSON of the subset, as an export does."""
        selection = Selection(classes=self.job.classes)
        subset = select(self.dataset, selection)
        with atomic_file(self.written) as file:
            file.writelines(coco_json(subset.parts[0], self.dataset, class_table(self.dataset, selection)))

    def subset_written(self) -> list[int]:
        """Read the JSON back: images, annotations, and the sums of their ids."""
        return written_sizes(self.written)

    def image_count(self) -> int:
        """Tell how many images the large file has."""
        return self.dataset.image_count

    def label_maps(self) -> int:
        """Make the label maps of the first images, as many at a time as an export does."""
        dataset, split = self.dataset, self.dataset.splits[0]
        category_ids = [category.category_id for category in dataset.categories]
        count = min(self.job.label_map_count, len(split.images))
        values = {category_id: label_at(index) for index, category_id in enumerate(category_ids)}
        for start in range(0, count, IMAGES_AT_ONCE):
            index = range(start, min(start + IMAGES_AT_ONCE, count))
            natives, sizes = [split.images.size_at(each) for each in index], [Size.square(LABEL_SIZE_PX)] * len(index)
            label_maps(
                split.shapes_of_each(list(map(split.annotations_of_image, index))), values, natives=natives, sizes=sizes
            )
        return count

    @cached_property
    def _found_images(self) -> list[DatasetImage]:
        splits = [open_dataset(Path(path)).splits[0] for path in self.job.originals]
        found = [
            image
            for split in splits
            for image in map(split.image_at, range(len(split.images)))
            if image.path and len(image.annotation_index)
        ]
        return found[:: -(-len(found) // PICTURE_COUNT)] if found else []

    @cached_property
    def _next_image(self) -> "cycle[DatasetImage]":
        return cycle(self._found_images)

    def gallery_image_count(self) -> int:
        """Find the images to draw."""
        return len(self._found_images)

    def gallery_image(self) -> None:
        """Make what the gallery shows of the next image: reduced, and its objects' outlines as JSON."""
        image = next(self._next_image)
        if image.path is not None:
            image_jpeg(image.path, longest_px=THUMBNAIL_PX)
            [outline.as_json() for outline in outlines_of_image(image)]


def _sizes(dataset: Dataset) -> list[int]:
    return [dataset.image_count, dataset.annotation_count, len(dataset.categories)]
