"""What is odd about a dataset that opens all the same?

Each flaw is a value with a code, a count, one sentence and examples. None of
them stops the work; what stops it is a `DatasetError` from the reader.
"""

import numpy as np

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.segmentation import annotations_without_mask


def integrity_report(dataset: Dataset, *, check_files: bool = True) -> list[Finding]:
    """Return what is odd, split by split.

    Args:
        check_files: also look for every picture on disk (one `stat` each).
    """
    report: list[Finding] = []
    for split in dataset.splits:
        report += [*split.findings, *_put_aside(split)]
        report += _image_findings(split, check_files=check_files)
        report += _annotation_findings(split)
    used = np.zeros(len(dataset.categories), dtype=bool)
    for split in dataset.splits:
        used[split.annotations.category_index] = True
    unused = [category.name for category, is_used in zip(dataset.categories, used, strict=True) if not is_used]
    return report + finding(
        "unused_category",
        "all",
        "Categories without a single annotation; they stay selectable and give nothing.",
        unused,
    )


def _put_aside(split: Split) -> list[Finding]:
    unique, counts = np.unique(split.annotations.ids, return_counts=True)
    return [
        *finding(
            "unknown_image",
            split.name,
            "Annotations of images that are not in 'images'; put aside.",
            split.put_aside["unknown_image"],
        ),
        *finding(
            "unknown_category",
            split.name,
            "Annotations of categories not in 'categories'; put aside.",
            split.put_aside["unknown_category"],
        ),
        *finding(
            "duplicate_annotation_id", split.name, "Annotation ids used more than once; kept.", unique[counts > 1]
        ),
    ]


def _image_findings(split: Split, *, check_files: bool) -> list[Finding]:
    images = split.images
    annotated = np.zeros(len(images), dtype=bool)
    annotated[split.annotations.image_index] = True
    found = finding(
        "image_without_annotations",
        split.name,
        "Images without annotations; they may be empty or simply not labelled, and are used only as negatives.",
        images.ids[~annotated],
    )
    names, counts = np.unique(np.array(images.file_names, dtype=object), return_counts=True)
    found += finding(
        "duplicate_file_name",
        split.name,
        "File names that more than one image has; an export with pictures or label maps refuses them.",
        names[counts > 1],
    )
    if split.image_folder is None:
        message = "No image folder was found; statistics and JSON exports work, pictures and training do not."
        return found + finding("no_image_folder", split.name, message, [split.source.path.name])
    if check_files:
        missing = [name for index, name in enumerate(images.file_names) if split.image_path(index) is None]
        message = f"Images that are not in {split.image_folder}; only their records are exported, nothing can be shown."
        found += finding("image_file_missing", split.name, message, missing)
    return found


def _annotation_findings(split: Split) -> list[Finding]:
    annotations, images, name = split.annotations, split.images, split.name
    left, top, width, height = annotations.boxes_xywh.T
    beyond = (
        (left < -1)
        | (top < -1)
        | (left + width > images.widths[annotations.image_index] + 1)
        | (top + height > images.heights[annotations.image_index] + 1)
    )
    ids, without_mask = annotations.ids, annotations_without_mask(split)
    return [
        *finding(
            "crowd_region",
            name,
            "Crowd regions (iscrowd 1): groups drawn as one area. They are counted apart and ignored in training.",
            ids[annotations.is_crowd],
        ),
        *finding(
            "empty_box",
            name,
            "Boxes without width or height; the records stay in exports and draw nothing.",
            ids[(width <= 0) | (height <= 0)],
        ),
        *finding(
            "missing_box", name, "Annotations without a box; masks are used where there are any.", ids[np.isnan(left)]
        ),
        *finding(
            "annotation_without_mask",
            name,
            "Annotations without polygon or run-length code; they count as objects and are background in label maps.",
            ids[without_mask],
        ),
        *finding(
            "box_beyond_image", name, "Boxes that reach beyond their image; they are clipped for drawing.", ids[beyond]
        ),
    ]
