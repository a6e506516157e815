"""In which order are the objects of an image painted, so that which one is seen where they overlap?

From the largest to the smallest: a smaller object is seen on a larger one. `mask_area` says which area that is. Where
crowd regions are painted as well, all objects lie over them.
"""

from collections.abc import Iterable

from cocomine.coco.mask_area import area_px
from cocomine.coco.masks import Shape
from cocomine.coco.size import Size


def largest_first(shapes: Iterable[Shape], native: Size) -> list[Shape]:
    """Return shapes in the order in which they are painted; of equal ones, that with the lower id is first.

    Args:
        shapes: the annotations of one image.
        native: the image's own size, in which the shapes are given.
    """
    keyed = [(-area_px(shape, native), shape.annotation_id, shape.category_id, shape) for shape in shapes]
    return [shape for *_, shape in sorted(keyed, key=lambda each: each[:3])]


def painting_order(shapes: Iterable[Shape], native: Size) -> list[Shape]:
    """Return shapes as `largest_first`, but crowd regions before all objects.

    Args:
        native: as there.
    """
    return sorted(largest_first(shapes, native), key=lambda shape: not shape.is_crowd)
