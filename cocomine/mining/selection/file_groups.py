"""Which images must stay on one side of a division, since one file is behind them?

Images of the same file name do, whatever their ids. So do images that a person or a comparison of files found to be
the same. Whoever is together with an image is together with all that it is together with.
"""

import posixpath
from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Split


def image_groups(split: Split, image_index: Ints, together: Iterable[Sequence[int]] = ()) -> Ints:
    """Return for each of some images the number of its group, (n,).

    Args:
        image_index: positions of the images, (n,).
        together: ids of images that stay together, beside those of the same file name.
    """
    names = [posixpath.normpath(split.images.file_names[index]) for index in image_index.tolist()]
    place_of = {image_id: place for place, image_id in enumerate(split.images.ids[image_index].tolist())}
    by_name: dict[Hashable, list[int]] = {}
    for place, name in enumerate(names):
        by_name.setdefault(name, []).append(place)
    by_id = ([place_of[image_id] for image_id in ids if image_id in place_of] for ids in together)
    return joined_groups(len(names), [*by_name.values(), *by_id])


def joined_groups(count: int, together: Iterable[Sequence[int]]) -> Ints:
    """Return for each of `count` things the number of its group, (n,).

    Args:
        together: positions of things that stay together; one may stand in several.
    """
    # A training imports this module, by way of the recipe, and divides nothing: 0.3 s of CPU at each start.
    from scipy.sparse import coo_array  # noqa: PLC0415
    from scipy.sparse.csgraph import connected_components  # noqa: PLC0415

    pairs = [(places[0], place) for places in together for place in places[1:]]
    first, other = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(pairs), dtype=bool), (first, other)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64) if count else first
