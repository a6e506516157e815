"""What is odd about the image records and the categories of a dataset?"""

import re
import unicodedata
from collections import Counter
from collections.abc import Container, Sequence

import numpy as np

from cocomine.coco.dataset import Dataset, Split
from cocomine.coco.findings import Finding, finding
from cocomine.coco.reading.columns import NO_LICENCE
from cocomine.system.file_names import is_portable, name_flaw

WORDS = r"(?!(?:con|prn|aux|nul|com\d|lpt\d)\b)[\w-]+(?:\.[\w-]+)*"
SURELY_SOUND = re.compile(rf"(?!.{{61}}){WORDS}(?:/{WORDS})*", re.IGNORECASE)
"""Names that need no closer look, which takes five times as long: words, and none too long, whatever a sign takes."""


def category_findings(dataset: Dataset) -> list[Finding]:
    """Return what is odd about the categories, over all splits."""
    counts, crowds = np.zeros((2, len(dataset.categories)), dtype=np.int64)
    for split in dataset.splits:
        index, is_crowd = split.annotations.category_index, split.annotations.is_crowd
        counts += np.bincount(index, minlength=len(counts))
        crowds += np.bincount(index[is_crowd], minlength=len(counts))
    names = np.array(dataset.category_names, dtype=object)
    is_crowd_only = (counts > 0) & (counts == crowds)
    zero = [category.name for category in dataset.categories if category.category_id == 0]
    blank = [repr(name) for name in dataset.category_names if name != name.strip() or not name]
    total = int(counts.sum())
    return [
        *finding("crowd_only", "all", names[is_crowd_only], count=int(crowds[is_crowd_only].sum()), total=total),
        *finding("category_id_zero", "all", zero),
        *finding("unused_category", "all", names[counts == 0]),
        *finding("category_name_blanks", "all", blank),
    ]


def image_findings(split: Split) -> list[Finding]:
    """Return what is odd about the image records of a split; no file is looked for."""
    images, ids = split.images, split.images.ids
    annotated = np.zeros(len(images), dtype=bool)
    annotated[split.annotations.image_index] = True
    bare = ids[~annotated]
    stated = [NO_LICENCE, *(licence.licence_id for licence in split.licences)]
    unlicensed = ids[~np.isin(images.licence_ids, stated)]
    return [
        *finding("no_image", split.name, [] if len(images) else [split.name]),
        *finding("image_without_annotations", split.name, bare, images=bare),
        *finding("unknown_licence", split.name, unlicensed, images=unlicensed),
        *_name_findings(split),
    ]


def _name_findings(split: Split) -> list[Finding]:
    names, ids = list(split.images.file_names), split.images.ids
    twice = _more_than_once(names)
    stems = [name.rpartition(".")[0] or name for name in names]
    alike = _more_than_once(stems)
    if alike and twice:  # an image that is there twice has no namesake
        alike = _more_than_once([stem for stem, _ in dict.fromkeys(zip(stems, names, strict=True))])
    near = _alike(names)
    doubtful = [name for name in names if not SURELY_SOUND.fullmatch(name)]
    flawed = [name for name in doubtful if name_flaw(name)]
    unportable = [name for name in doubtful if not name_flaw(name) and not is_portable(name)]
    return [
        *finding("duplicate_file_name", split.name, list(twice), images=ids[_positions(names, twice)]),
        *finding("duplicate_file_stem", split.name, list(alike), images=ids[_positions(stems, alike)]),
        *finding("file_names_alike", split.name, near, images=ids[_positions(names, near)]),
        *finding("unsafe_file_name", split.name, list(map(repr, flawed))),
        *finding("unportable_file_name", split.name, list(map(repr, unportable))),
    ]


def _alike(names: Sequence[str]) -> list[str]:
    """Return the names that differ from another in nothing but their case or the form of their accents."""
    text = "".join(names)
    if text.isascii() and text == text.lower():
        return []  # as nearly always
    different = list(dict.fromkeys(names))
    folded = [unicodedata.normalize("NFC", name).casefold() for name in different]
    several = _more_than_once(folded)
    return [name for name, fold in zip(different, folded, strict=True) if fold in several] if several else []


def _more_than_once(names: Sequence[str]) -> dict[str, int]:
    """Return the names that are there more than once, in their order, with how often."""
    if len(set(names)) == len(names):
        return {}
    return {name: count for name, count in Counter(names).items() if count > 1}


def _positions(names: Sequence[str], listed: Container[str]) -> list[int]:
    return [index for index, name in enumerate(names) if name in listed] if listed else []
