"""How much of a class's masks do other classes claim as well, and how much of its border do they touch?

With M_i the pixels that class i claims in an image, see `class_masks`:

* overlap[i, j] = Σ |M_i ∧ M_j| / Σ |M_i|, both sums over all images.
* contact[i, j]: of the sides that a pixel of M_i shares with one of its four neighbours outside M_i, the share
  where that neighbour belongs to M_j. The edge of the image is no border.

Images are pooled at one size of their longer side, so that none counts more for being stored with more pixels. All is
counted in whole numbers, so that the order of images and annotations cannot matter. In federated data (LVIS) a class
has masks only where it was looked for: of what is marked, more may be claimed or touched than the shares say.

Source: DESIGN, "Words"; `box_overlap` holds the first estimate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.dataset import Dataset, Split
from cocomine.mining.interference.class_masks import ClassMasks, has_usable_mask, masks_by_class
from cocomine.system.jobs import Progress
from cocomine.system.worker_pool import WorkerPool, images_lost, worker_count

SIZE_PX = 256
"""Longer side of the masks; what it costs against the images' own size is in docs/decisions/007."""

IMAGES_AT_ONCE = 64
LEAST_IMAGES = 1024
"""So many images are worth the second in which another process begins."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OverlapTable:
    """Every pair of classes in shares, [i, j] of class i's, NaN where class i has none; diagonals NaN.

    Attributes:
        names: the classes, (k,).
        from_masks: measured on masks; else a first estimate from boxes.
        image_count: images with at least one of these masks, or boxes.
        size_px: longer side of the masks; None for boxes, and for masks at their images' own size.
        overlap: share of class i's mask pixels that class j claims as well, (k, k), in [0, 1].
        contact: share of class i's mask border that touches class j, (k, k), in [0, 1].
    """

    names: tuple[str, ...]
    from_masks: bool
    image_count: int
    size_px: int | None
    overlap: Floats
    contact: Floats


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskCounts:
    """What is counted on masks before it becomes shares.

    Attributes:
        image_count: images with at least one mask.
        pixels: Σ |M_i ∧ M_j|, (k, k), symmetric; Σ |M_i| on the diagonal.
        sides: sides of each class's border, (k,).
        touching: those of class i where class j is on the other side, (k, k); 0 on the diagonal.
    """

    image_count: int
    pixels: Ints
    sides: Ints
    touching: Ints


def mask_counts(
    dataset: Dataset, progress: Progress, *, size_px: int | None = SIZE_PX, workers: int | None = None
) -> MaskCounts:
    """Count pixels and sides of all images; minutes of one core for a hundred thousand.

    Args:
        progress: gets how far it is, in images.
        size_px: longer side at which masks are drawn; None draws them at their images' own size.
        workers: how many processes share the work; None takes what the images are worth. The counts are the same.

    Raises:
        DatasetError: one of the processes died.
    """
    k, total = len(dataset.categories), dataset.image_count
    pixels, touching = np.zeros((k, k), dtype=np.int64), np.zeros((k, k), dtype=np.int64)
    sides = np.zeros(k, dtype=np.int64)
    done, image_count = 0, 0

    def tell() -> None:
        progress(done, total)

    with WorkerPool(workers or worker_count(total, LEAST_IMAGES), lost=images_lost) as pool:
        found = pool.results_as_they_come(partial(_counts_of, size_px), _batches(dataset), tell)
        for _, (of_batch, classes, looked_at) in found:
            pixels[np.ix_(classes, classes)] += of_batch.pixels
            touching[np.ix_(classes, classes)] += of_batch.touching
            sides[classes] += of_batch.sides
            image_count += of_batch.image_count
            done += looked_at
            tell()
    return MaskCounts(image_count=image_count, pixels=pixels, sides=sides, touching=touching)


def _batches(dataset: Dataset) -> Iterator[Split]:
    """Yield all images of a dataset, some at a time."""
    for split in dataset.splits:
        for start in range(0, len(split.images), IMAGES_AT_ONCE):
            yield split.only_images(np.arange(start, min(start + IMAGES_AT_ONCE, len(split.images))))


def _counts_of(size_px: int | None, split: Split) -> tuple[MaskCounts, Ints, int]:
    """Return what is counted on some images, of which classes, rising, and how many images these are."""
    usable = has_usable_mask(split)
    classes = np.unique(split.annotations.category_index[usable])
    c, image_count = len(classes), 0
    pixels, touching = np.zeros((c, c), dtype=np.int64), np.zeros((c, c), dtype=np.int64)
    sides = np.zeros(c, dtype=np.int64)
    for found in masks_by_class(split, range(len(split.images)), usable, size_px=size_px):
        if len(found.category_index):
            of_image = np.searchsorted(classes, found.category_index)
            image_sides, image_touching = _borders(found)
            pixels[np.ix_(of_image, of_image)] += _shared(found)
            touching[np.ix_(of_image, of_image)] += image_touching
            sides[of_image] += image_sides
            image_count += 1
    counts = MaskCounts(image_count=image_count, pixels=pixels, sides=sides, touching=touching)
    return counts, classes, len(split.images)


def overlap_table(counts: MaskCounts, names: tuple[str, ...], *, size_px: int | None) -> OverlapTable:
    """Return the shares that counts give."""
    return OverlapTable(
        names=names,
        from_masks=True,
        image_count=counts.image_count,
        size_px=size_px,
        overlap=shares(counts.pixels, counts.pixels.diagonal()),
        contact=shares(counts.touching, counts.sides),
    )


def shares(parts: Ints | Floats, wholes: Ints | Floats) -> Floats:
    """Return parts / wholes row by row, (k, k), at most 1; NaN where there is no whole, and on the diagonal."""
    whole = np.broadcast_to(np.asarray(wholes, dtype=float)[:, None], parts.shape)
    table = np.divide(parts, whole, out=np.full(parts.shape, np.nan), where=whole > 0)
    np.fill_diagonal(table, np.nan)
    return np.asarray(np.minimum(table, 1.0))


def _shared(found: ClassMasks) -> Ints:
    """Return the pixels that two classes both claim, (c, c); on the diagonal those of each class."""
    flat = found.masks.reshape(len(found.masks), -1)  # (c, pixels)
    pixels = np.diag(np.count_nonzero(flat, axis=1))
    if len(flat) > 1:
        both = flat.take(np.flatnonzero(flat.sum(axis=0, dtype=np.uint16) > 1), axis=1)
        together = _product(both, both)
        np.fill_diagonal(together, 0)
        pixels += together
    return pixels


def _borders(found: ClassMasks) -> tuple[Ints, Ints]:
    """Return each class's border sides, (c,), and by the class on the other side, (c, c)."""
    c, _, columns = found.masks.shape
    flat = found.masks.reshape(c, -1)
    sides, touching = np.zeros(c, dtype=np.int64), np.zeros((c, c), dtype=np.int64)
    for step in (1, columns):
        border_index = np.flatnonzero((flat[:, :-step] != flat[:, step:]).any(axis=0))
        if step == 1:
            # a row's end has no neighbour in the next row
            border_index = border_index[border_index % columns != columns - 1]
        before, after = flat.take(border_index, axis=1), flat.take(border_index + step, axis=1)  # (c, sides)
        sides += np.count_nonzero(before != after, axis=1)
        if c > 1:
            touching += _product(before & ~after, after) + _product(after & ~before, before)
    return sides, touching


def _product(left: NDArray[np.bool_], right: NDArray[np.bool_]) -> Ints:
    """Return in how many columns both are true, (c, c); exact, since a float holds whole numbers up to 2^53."""
    return np.asarray((left.astype(float) @ right.T.astype(float)).astype(np.int64))
