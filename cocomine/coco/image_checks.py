"""What is odd about the image records and the categories of a dataset?"""

import re
from collections import Counter
from collections.abc import Container, Sequence

import numpy as np

from cocomine.coco.columns import NO_LICENCE
from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.file_names import LONGEST_PART_BYTES, is_portable, name_flaw
from cocomine.coco.findings import Finding, finding

ODD_SIGNS = frozenset('<>:"|?*\\') | {chr(code) for code in range(32)} - {"\n"}
ODD_ENDS = ("..", "/.", "\n.", ".\n", " \n", "./", " /", "\n/", "/\n", "\n\n")
DEVICES = re.compile(r"(?:^|/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$)", re.IGNORECASE | re.MULTILINE)
SURELY_SHORT = LONGEST_PART_BYTES // 4
"""Signs of a name that is not too long, whatever each takes."""


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
    twice = _more_than_once(names)
    stems = [name.rpartition(".")[0] or name for name in names]
    alike = _more_than_once([stem for stem, _ in dict.fromkeys(zip(stems, names, strict=True))])
    doubtful = names if has_odd_name(names) else []
    flawed = [name for name in doubtful if name_flaw(name)]
    unportable = [name for name in doubtful if not name_flaw(name) and not is_portable(name)]
    return [
        *finding("duplicate_file_name", split.name, list(twice), images=ids[_places(names, twice)]),
        *finding("duplicate_file_stem", split.name, list(alike), images=ids[_places(stems, alike)]),
        *finding("unsafe_file_name", split.name, list(map(repr, flawed))),
        *finding("unportable_file_name", split.name, list(map(repr, unportable))),
    ]


def _more_than_once(names: Sequence[str]) -> dict[str, int]:
    """Return the names that are there more than once, in their order, with how often."""
    if len(set(names)) == len(names):
        return {}
    return {name: count for name, count in Counter(names).items() if count > 1}


def _places(names: Sequence[str], wanted: Container[str]) -> list[int]:
    return [index for index, name in enumerate(names) if name in wanted] if wanted else []


def has_odd_name(names: Sequence[str]) -> bool:
    """Return whether some name may be flawed or unportable: one look at all, a tenth of the time of one at each."""
    lines = "\n".join(["", *names, ""])
    try:
        lines.encode()
    except UnicodeEncodeError:
        return True
    is_odd = any(sign in lines for sign in (*ODD_SIGNS, *ODD_ENDS)) or lines.count("\n") != len(names) + 1
    return is_odd or max(map(len, names), default=0) > SURELY_SHORT or DEVICES.search(lines) is not None
