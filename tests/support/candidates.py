"""The images that selections take from, as the tests of counting need them."""

from collections.abc import Collection

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset, ImageKey
from cocomine.coco.grouping import grouped
from cocomine.mining.selection.counting import CandidateImages, class_index_of, without_left_out
from cocomine.mining.selection.selection import Selection, Subset
from cocomine.mining.statistics.categories import presence


def candidates_of(
    dataset: Dataset,
    excluded: Collection[ImageKey] = (),
    size_bytes: Ints | None = None,
    *,
    selection: Selection | None = None,
) -> CandidateImages:
    """The images, in the groups and without what the limits of a selection leave out, where one is given."""
    chosen = Selection() if selection is None else selection
    seen = grouped(dataset, chosen.groups)
    class_index = without_left_out(class_index_of(seen, presence(seen), size_bytes), seen, chosen.limits)
    return CandidateImages(class_index=class_index, dataset=seen, excluded=frozenset(excluded))


def images_per_class(subset: Subset) -> dict[str, int]:
    """Images with each selected class, counted from the annotations and not from the index by class."""
    counts = [subset.class_counts(part)["image_counts"] for part in subset.parts]
    return {name: sum(each[name] for each in counts) for name in subset.selection.classes}
