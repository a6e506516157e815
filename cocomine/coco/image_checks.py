"""What is odd about the image records and the categories of a dataset?"""

import re
from collections import Counter

import numpy as np

from cocomine.coco.columns import NO_LICENCE
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, finding

UNSAFE_NAME = re.compile(r"[\\:\0]|\A/|(?:\A|/)\.\.(?:/|\Z)|\A(?:\.?/)*\.?\Z")
"""Names that an export refuses (`cocomine.exporting.folder.inside_name`)."""
SUSPICIOUS = ("\\", ":", "\0", "..", "\n/", "\n.", "\n\n")
"""Every unsafe name has one of these, if names stand on lines of their own: a look that takes a tenth of the time."""


def category_findings(dataset: Dataset) -> list[Finding]:
    """Return what is odd about the categories, over all splits."""
    used = np.zeros(len(dataset.categories), dtype=bool)
    for split in dataset.splits:
        used[split.annotations.category_index] = True
    unused = [category.name for category, is_used in zip(dataset.categories, used, strict=True) if not is_used]
    zero = [category.name for category in dataset.categories if category.category_id == 0]
    return [*finding("category_id_zero", "all", zero), *finding("unused_category", "all", unused)]


def image_findings(split: Split) -> list[Finding]:
    """Return what is odd about the image records of a split; no file is looked for."""
    images, ids = split.images, split.images.ids
    annotated = np.zeros(len(images), dtype=bool)
    annotated[split.annotations.image_index] = True
    bare = ids[~annotated]
    known = [NO_LICENCE, *(licence.licence_id for licence in split.licences)]
    unlicensed = ids[~np.isin(images.licence_ids, known)]
    return [
        *finding("image_without_annotations", split.name, bare, images=bare),
        *finding("unknown_licence", split.name, unlicensed, images=unlicensed),
        *_name_findings(split),
    ]


def _name_findings(split: Split) -> list[Finding]:
    names, ids = list(split.images.file_names), split.images.ids
    twice: list[str] = []
    if len(set(names)) < len(names):
        twice = [name for name, count in Counter(names).items() if count > 1]
    wanted = set(twice)
    sharing = [index for index, name in enumerate(names) if name in wanted] if wanted else []
    lines = "\n".join(["", *names, ""])
    doubtful = names if any(sign in lines for sign in SUSPICIOUS) else []
    unsafe = [index for index, name in enumerate(doubtful) if UNSAFE_NAME.search(name)]
    return [
        *finding("duplicate_file_name", split.name, twice, images=ids[sharing]),
        *finding("unsafe_file_name", split.name, [repr(names[index]) for index in unsafe]),
    ]
