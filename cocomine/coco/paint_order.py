"""In which order are the objects of an image painted, so that which one is seen where they overlap?

From the largest to the smallest: a smaller object is seen on a larger one. `mask_area` says which area that is. Where
crowd regions are painted as well, all objects lie over them.
"""

from collections.abc import Iterable, Sequence
from itertools import islice

from cocomine.coco.mask_area import areas_px
from cocomine.coco.masks import Shape
from cocomine.coco.size import Size


def largest_first(shapes: Iterable[Shape], native: Size) -> list[Shape]:
    """Return shapes in the order in which they are painted; of equal ones, that with the lower id is first.

    Args:
        shapes: the annotations of one image.
        native: the image's own size, in which the shapes are given.
    """
    (ordered,) = _largest_first([list(shapes)], [native])
    return ordered


def painting_order(shapes: Iterable[Shape], native: Size) -> list[Shape]:
    """Return shapes as `largest_first`, but crowd regions before all objects.

    Args:
        native: as there.
    """
    (ordered,) = painting_orders([list(shapes)], [native])
    return ordered


def painting_orders(images: Sequence[Sequence[Shape]], natives: Sequence[Size]) -> list[list[Shape]]:
    """Return the shapes of many images, each as `painting_order`: their areas are looked at together.

    Args:
        natives: the own size of each image.
    """
    return [sorted(shapes, key=lambda shape: not shape.is_crowd) for shapes in _largest_first(images, natives)]


def _largest_first(images: Sequence[Sequence[Shape]], natives: Sequence[Size]) -> list[list[Shape]]:
    every = [shape for shapes in images for shape in shapes]
    sizes = [native for shapes, native in zip(images, natives, strict=True) for _ in shapes]
    areas = iter(areas_px(every, sizes))
    return [_by_area(shapes, list(islice(areas, len(shapes)))) for shapes in images]


def _by_area(shapes: Sequence[Shape], areas: Sequence[float]) -> list[Shape]:
    keyed = [(-area, shape.annotation_id, shape.category_id, shape) for area, shape in zip(areas, shapes, strict=True)]
    return [shape for *_, shape in sorted(keyed, key=lambda each: each[:3])]
