"""The view of a run: the dataset in view, what the person selected and excluded, and all that follows from these.

Made once in a run, by `app.py`; pages and sections take it from there. What it computes is kept between runs and
shared by all sessions, each result under the part of the view that it depends on:

* `of_records`: the annotations of the splits in view, as they are in their files;
* `of_dataset`: these with their classes grouped;
* `of_image_files`: the annotations as in their files, and the image files beside them;
* `of_files`: the annotations with their classes grouped, and the image files;
* `of_objects`: these, and which annotations are left out;
* `of_selection`: the annotations and the selection;
* `of_subset`: these and the exclusions;
* `of_images`: which images are selected and what they take on disk; what becomes of the other classes is left open.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.grouping import grouped, ungrouped
from cocomine.coco.images_on_disk import ImageCount, folders_with_images, image_count, image_file_bytes, usable_images
from cocomine.coco.integrity.image_files import sampled_image_file_report
from cocomine.coco.integrity.report import file_report, record_report
from cocomine.colours import class_colour
from cocomine.mining.interference.co_occurrence import PairTable, pair_table
from cocomine.mining.interference.companions import Companion, companions
from cocomine.mining.selection.combinations import CombinationTable, combination_table
from cocomine.mining.selection.counting import (
    CandidateImages,
    ClassIndex,
    SubsetCounts,
    class_index_of,
    image_counts_by_mode,
    images_removed_by_excluding,
    without_left_out,
)
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.other_classes import OtherClasses, other_classes
from cocomine.mining.selection.selection import Mode, Others, Selection, Subset, select
from cocomine.mining.statistics.appearance import Appearance, appearance
from cocomine.mining.statistics.categories import CategoryStatistics, category_statistics, examined, presence
from cocomine.mining.statistics.instances import Positions, instance_positions, instances_of
from cocomine.ui.session.cached import Stamp, cached, files_of

DATASETS = 4
"""Datasets of which large results are kept."""
Key = tuple[Stamp, Stamp, Selection, frozenset[ImageKey]]


def of_records(view: "View") -> "View":
    """Return the annotations in view as they are in their files, with nothing selected."""
    return View(dataset=ungrouped(view.dataset), stamp=view.stamp)


def of_dataset(view: "View") -> "View":
    """Return the annotations in view with their classes grouped, and nothing selected."""
    return replace(view, files=(), selection=Selection(groups=view.selection.groups), excluded=frozenset())


def of_image_files(view: "View") -> "View":
    """Return the annotations in view as they are in their files, and the image files, with nothing selected."""
    return replace(of_records(view), files=view.files)


def of_files(view: "View") -> "View":
    """Return the annotations in view with their classes grouped, and the image files, with nothing selected."""
    return replace(of_dataset(view), files=view.files)


def of_objects(view: "View") -> "View":
    """Return the annotations in view with their classes grouped, the image files, and what is left out."""
    limits = view.selection.limits
    leaving_out = Limits(min_area_px=limits.min_area_px, crowd=limits.crowd)
    return replace(of_files(view), selection=Selection(groups=view.selection.groups, limits=leaving_out))


def of_selection(view: "View") -> "View":
    """Return the annotations in view and the selection, with no image excluded by hand."""
    return replace(view, files=(), excluded=frozenset())


def of_subset(view: "View") -> "View":
    """Return a view that does not change with the image files."""
    return replace(view, files=())


def of_images(view: "View") -> "View":
    """Return a view that does not change with what becomes of the other classes."""
    return replace(view, selection=replace(view.selection, others=Others.BACKGROUND))


@dataclass(frozen=True, kw_only=True, eq=False)
class View:
    """A dataset, the selection and the images excluded by hand, with cached results.

    Attributes:
        dataset: its splits in view, its classes as the selection groups them.
        stamp: tells its annotations, and the image folders that were named, from others.
        files: when the folders of the image files last changed, as the view was made.
        selection: what the person asked for.
        excluded: the images that the person excluded.
    """

    dataset: Dataset
    stamp: Stamp
    files: Stamp = ()
    selection: Selection = field(default_factory=Selection)
    excluded: frozenset[ImageKey] = frozenset()

    @property
    def key(self) -> Key:
        """The same for views that give the same results."""
        return self.stamp, self.files, self.selection, self.excluded

    def selecting(self, selection: Selection) -> "View":
        """Return what another selection would give, with the same images excluded."""
        dataset = self.dataset if selection.groups == self.dataset.groups else _grouped(self, selection.groups)
        return replace(self, dataset=dataset, selection=selection)

    @property
    def with_classes_of_files(self) -> "View":
        """The same dataset with the classes that are in its files, and nothing selected."""
        return of_image_files(self)

    def with_files_as_now(self) -> "View":
        """Return the same view with the image files that are there now; a few calls of the system, no listing."""
        return replace(self, files=files_of(self.dataset.path, self._image_folders).stamp)

    @cached_property
    @cached(of_records, most=DATASETS)
    def _image_folders(self) -> list[Path]:
        return [folder for split in self.dataset.splits for folder in folders_with_images(split)]

    @property
    def with_excluded_images(self) -> "View":
        """The same view as if no image were excluded by hand."""
        return replace(self, excluded=frozenset())

    @cached_property
    @cached(of_dataset, most=DATASETS)
    def presence(self) -> Bools:
        """Which image has which category, (images, categories)."""
        return presence(self.dataset)

    @cached_property
    @cached(of_dataset, most=DATASETS, spinner="Counting …")
    def statistics(self) -> list[CategoryStatistics]:
        """The numbers of every category."""
        return category_statistics(self.dataset)

    @cached_property
    @cached(of_dataset, most=DATASETS, spinner="Comparing every pair with chance …")
    def pairs(self) -> PairTable:
        """Every pair of categories in numbers."""
        looked_for = examined(self.dataset) if self.dataset.is_federated else None
        return pair_table(self.presence, self.dataset.category_names, examined=looked_for)

    @cached(of_dataset)
    def companions(self, name: str) -> list[Companion]:
        """Return the classes that share an image with this one."""
        return companions(self.pairs, self.dataset.category_index_of(name))

    @cached_property
    @cached(of_dataset, most=DATASETS)
    def _positions(self) -> Positions:
        return instance_positions(self.dataset)

    @cached(of_dataset, most=256)
    def appearance(self, name: str, input_size_px: int) -> Appearance:
        """Return how a class appears in its images, scaled to a square input of this side."""
        instances = instances_of(self.dataset, self._positions, self.dataset.category_index_of(name))
        return appearance(instances, input_size_px=input_size_px)

    @cached_property
    def colours(self) -> dict[str, str]:
        """By class name "#rrggbb", the same on every page."""
        return {name: class_colour(index) for index, name in enumerate(self.dataset.category_names)}

    @cached_property
    @cached(of_image_files, most=DATASETS, spinner="Looking for the images …")
    def image_counts(self) -> list[ImageCount]:
        """How many images of each split in view are on disk."""
        return [image_count(split) for split in self.dataset.splits]

    @cached_property
    def findings(self) -> list[Finding]:
        """The integrity report; images that come and go are seen."""
        return by_weight([*self._record_findings, *self._file_findings])

    @cached_property
    @cached(of_records, most=DATASETS, spinner="Checking the annotations …")
    def _record_findings(self) -> list[Finding]:
        return record_report(self.dataset)

    @cached_property
    @cached(of_image_files, most=DATASETS, spinner="Looking for the images …")
    def _file_findings(self) -> list[Finding]:
        return file_report(self.dataset)

    @cached_property
    @cached(of_image_files, most=DATASETS)
    def sampled_findings(self) -> list[Finding]:
        """What is wrong with some image files, by their headers."""
        return sampled_image_file_report(self.dataset)

    @cached_property
    @cached(of_image_files, most=DATASETS, spinner="Looking for the images …")
    def file_sizes(self) -> dict[str, Ints]:
        """By split the bytes of each image's file, 0 where it is missing, (n,)."""
        return {split.name: image_file_bytes(split) for split in self.dataset.splits}

    @cached_property
    @cached(of_image_files, most=DATASETS, spinner="Looking for the images …")
    def usable_images(self) -> dict[str, Bools]:
        """By split which images have a file that can be used, or fetched, (n,)."""
        return {split.name: usable_images(split) for split in self.dataset.splits}

    @cached_property
    @cached(of_files, most=DATASETS, spinner="Counting …")
    def _class_index(self) -> ClassIndex:
        return class_index_of(self.dataset, self.presence, self._all_sizes)

    @cached_property
    @cached(of_objects, most=DATASETS, spinner="Counting …")
    def _limited_index(self) -> ClassIndex:
        return without_left_out(self._class_index, self.dataset, self.selection.limits)

    @property
    def has_address(self) -> bool:
        """Whether images in view are fetched from an address; how large they are is not known before."""
        return any(split.address is not None for split in self.dataset.splits)

    @property
    def _all_sizes(self) -> Ints | None:
        """The bytes of the image files of all splits, (n,); None where no split has a folder, or one an address."""
        splits = self.dataset.splits
        if self.has_address or all(split.image_folder is None for split in splits):
            return None
        return np.concatenate(list(self.file_sizes.values()))

    @cached_property
    def candidates(self) -> CandidateImages:
        """The images that selections take from, those excluded by hand left out."""
        return CandidateImages(class_index=self._limited_index, dataset=self.dataset, excluded=self.excluded)

    @cached_property
    @cached(of_subset)
    def subset(self) -> Subset:
        """What the selection gives."""
        return select(self.dataset, self.selection, self.excluded)

    @cached_property
    @cached(of_images)
    def counts(self) -> SubsetCounts:
        """What the selection gives, in numbers."""
        return self.candidates.counts(self.selection)

    @cached_property
    @cached(of_images)
    def image_counts_by_mode(self) -> Mapping[Mode, int]:
        """How many images each mode would match, before caps and negatives."""
        return image_counts_by_mode(self.candidates, self.selection)

    @cached_property
    @cached(of_images)
    def images_removed_by_excluding(self) -> Mapping[str, int]:
        """How many of the matching images excluding each class would cost."""
        return images_removed_by_excluding(self.candidates, self.selection)

    @cached_property
    @cached(of_images)
    def size_bytes(self) -> int | None:
        """What the selected images take on disk, as far as they are there; None where that is not known."""
        sizes = self._all_sizes
        return None if sizes is None else int(sizes[self.candidates.drawn(self.selection)].sum())

    @cached_property
    def other_classes(self) -> OtherClasses:
        """What the selected images hold beside the selected classes, whatever becomes of it."""
        return _other_classes(of_subset(of_images(self)))

    @cached_property
    def combinations(self) -> CombinationTable:
        """Which of the selected classes meet in an image, whatever the mode."""
        return _combinations(self.selecting(replace(self.selection, mode=Mode.ANY)))


@cached(of_records, most=2 * DATASETS)
def _grouped(view: View, groups: tuple[ClassGroup, ...]) -> Dataset:
    return grouped(view.dataset, groups)


@cached(of_subset)
def _other_classes(view: View) -> OtherClasses:
    return other_classes(view.subset)


@cached(of_images)
def _combinations(view: View) -> CombinationTable:
    return combination_table(view.candidates, view.selection)
