"""Is the same image in two splits?

The same file name is the evidence, together with the same id or the same size.
An id alone is none: many tools number each split from 0. Nor is a name whose
files on disk differ, as frames that each split counts from 1.

Source: COCO 2014 and 2017 hold the same images in other splits, once as
`COCO_val2014_000000391895.jpg` and once as `000000391895.jpg`.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Split
from cocomine.coco.findings import IMAGE_COUNT, Finding, finding
from cocomine.coco.images_on_disk import image_file_bytes

RELEASE = re.compile(r"\ACOCO_(?:train|val|test)20\d\d_")


def leak_findings(splits: Sequence[Split]) -> list[Finding]:
    """Return one finding for each two splits that share images; files are compared by size where they are there."""
    positions = [_by_name(split) for split in splits] if len(splits) > 1 else []
    found: list[Finding] = []
    for (first, first_names), (second, second_names) in combinations(zip(splits, positions, strict=False), 2):
        found += _leak(first, second, _shared(first, first_names, second, second_names))
    return found


def leak_sentences(chosen: Sequence[tuple[Split, Ints]]) -> list[str]:
    """Return in a sentence for each two splits how many of some of their images both have, with what to do about it.

    Args:
        chosen: splits, each with the positions of these images.
    """
    positions = [_by_name(split) for split, _ in chosen] if len(chosen) > 1 else []
    found: list[Finding] = []
    for ((first, taken), names), ((second, others), other_names) in combinations(
        zip(chosen, positions, strict=False), 2
    ):
        pairs = _shared(first, names, second, other_names)
        found += _leak(first, second, pairs[np.isin(pairs[:, 0], taken) & np.isin(pairs[:, 1], others)])
    return [f"{each.title}: {each.count:,} in {each.split}. {each.action}" for each in found]


def _shared(first: Split, names: Mapping[str, int], second: Split, other_names: Mapping[str, int]) -> Ints:
    shared = [(index, other_names[name]) for name, index in names.items() if name in other_names]
    return _same_images(first, second, np.array(shared, dtype=np.int64).reshape(-1, 2))


def _leak(first: Split, second: Split, pairs: Ints) -> list[Finding]:
    names = [first.images.file_names[index] for index in pairs[:, 0].tolist()]
    both = [
        image
        for index, other in pairs[: IMAGE_COUNT // 2].tolist()
        for image in ((first.name, int(first.images.ids[index])), (second.name, int(second.images.ids[other])))
    ]
    found = finding(
        "leak_between_splits", f"{first.name} and {second.name}", names, first=first.name, second=second.name
    )
    return [replace(each, images=tuple(both)) for each in found]


def _same_images(first: Split, second: Split, pairs: Ints) -> Ints:
    """Return the pairs (n, 2) of positions of the same name that are one image."""
    left, right = first.images, second.images
    one, other = pairs.T
    same_size = (left.widths[one] == right.widths[other]) & (left.heights[one] == right.heights[other])
    pairs = pairs[(left.ids[one] == right.ids[other]) | same_size]
    if not len(pairs) or first.image_folder is None or second.image_folder is None:
        return pairs
    first_bytes, second_bytes = image_file_bytes(first)[pairs[:, 0]], image_file_bytes(second)[pairs[:, 1]]
    may_be_same = (first_bytes == second_bytes) | (first_bytes == 0) | (second_bytes == 0)
    return np.asarray(pairs[may_be_same])


def _by_name(split: Split) -> dict[str, int]:
    """Return the position of each image by its bare name; where several share it, by its whole name."""
    names = [name.rpartition(".")[0] or name for name in split.images.file_names]
    bare = [RELEASE.sub("", name.rpartition("/")[2]) for name in names]
    count = Counter(bare)
    return {
        (short if count[short] == 1 else name): index
        for index, (name, short) in enumerate(zip(names, bare, strict=True))
    }
