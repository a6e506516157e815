"""The images that selections take from, as the tests of counting need them."""

from collections.abc import Collection

from cocomine.coco.dataset import Dataset, Ints
from cocomine.mining.occurrences import occurrences
from cocomine.mining.pool import Pool
from cocomine.mining.selection import ImageKey
from cocomine.mining.statistics import presence


def pool_of(dataset: Dataset, excluded: Collection[ImageKey] = (), size_bytes: Ints | None = None) -> Pool:
    known = occurrences(dataset, presence(dataset), size_bytes)
    return Pool(known=known, dataset=dataset, excluded=frozenset(excluded))
