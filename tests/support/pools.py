"""The images that selections take from, as the tests of counting need them."""

from collections.abc import Collection

from cocomine.coco.dataset import Dataset, Ints
from cocomine.mining.selection.counting import occurrences
from cocomine.mining.selection.pool import Pool
from cocomine.mining.selection.selection import ImageKey
from cocomine.mining.statistics.categories import presence


def pool_of(dataset: Dataset, excluded: Collection[ImageKey] = (), size_bytes: Ints | None = None) -> Pool:
    known = occurrences(dataset, presence(dataset), size_bytes)
    return Pool(known=known, dataset=dataset, excluded=frozenset(excluded))
