"""The images that selections take from, as the tests of counting need them."""

from collections.abc import Collection

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.mining.selection.counting import CandidateImages, class_index_of
from cocomine.mining.selection.selection import Subset
from cocomine.mining.statistics.categories import presence


def candidates_of(
    dataset: Dataset, excluded: Collection[ImageKey] = (), size_bytes: Ints | None = None
) -> CandidateImages:
    class_index = class_index_of(dataset, presence(dataset), size_bytes)
    return CandidateImages(class_index=class_index, dataset=dataset, excluded=frozenset(excluded))


def images_per_class(subset: Subset) -> dict[str, int]:
    """Images with each selected class, counted from the annotations and not from the index by class."""
    counts = [subset.class_counts(part)["image_counts"] for part in subset.parts]
    return {name: sum(each[name] for each in counts) for name in subset.selection.classes}
