"""The overlap of masks, measured in this process."""

from cocomine.coco.dataset import Dataset
from cocomine.mining.interference.mask_overlap import SIZE_PX, OverlapTable, mask_counts, overlap_table
from cocomine.system.jobs import Progress


def overlap_from_masks(dataset: Dataset, progress: Progress, *, size_px: int | None = SIZE_PX) -> OverlapTable:
    """Return what masks of all images give, as `mask_counts` counts them."""
    return overlap_table(mask_counts(dataset, progress, size_px=size_px), dataset.category_names, size_px=size_px)
