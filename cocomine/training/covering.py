"""Which few images show all classes?

Those of the overfit test: a network that cannot learn a handful of images by heart will not learn more of them, and
what keeps it from that is in the data, the labels or the settings. So the few must show every class, if so few can. So
must the few whose prediction is drawn at each evaluation.
"""

import numpy as np

from cocomine.coco.arrays import Bools
from cocomine.exporting.reading import ExportImage, ExportSplit
from cocomine.training.data import shuffled_images


def covering_images(split: ExportSplit, count: int) -> tuple[ExportImage, ...]:
    """Return at most `count` images of a split in a fixed random order, see `first_covering`."""
    return first_covering(split, shuffled_images(split), count)


def first_covering(split: ExportSplit, images: tuple[ExportImage, ...], count: int) -> tuple[ExportImage, ...]:
    """Return at most `count` of these images of a split, which show as many of the selected classes as they can.

    The same for the same images: always the first with the most classes that are not shown yet, and once all are shown,
    once more from the beginning.
    """
    shows = _shown_classes(split, images)  # (n, label_count)
    missing = shows.any(axis=0)
    chosen: list[int] = []
    while len(chosen) < min(count, len(images)):
        gains = (shows & missing).sum(axis=1)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))  # of equals the first
        missing = missing & ~shows[chosen[-1]]
        if not missing.any():
            missing = shows.any(axis=0)
    return tuple(images[index] for index in chosen)


def _shown_classes(split: ExportSplit, images: tuple[ExportImage, ...]) -> Bools:
    """Return which image has an object of which selected class, (n, label_count); crowd regions are no objects."""
    columns, table = split.split.annotations, split.table
    row_of_image = {image.image_id: row for row, image in enumerate(images)}
    rows = np.array([row_of_image.get(int(each), -1) for each in split.split.images.ids])[columns.image_index]
    selected = {label.label for label in table.labels if label.selected}
    of_category = [table.label_of_category.get(each, 0) for each in split.split.category_ids]
    labels = np.array([label if label in selected else 0 for label in of_category])[columns.category_index]
    is_shown = (rows >= 0) & (labels > 0) & ~columns.is_crowd & columns.has_mask()
    shows = np.zeros((len(images), len(table.labels)), dtype=bool)
    shows[rows[is_shown], labels[is_shown]] = True
    return shows
