"""Under which licence may each image be used?

By name, as the file's `licenses` give it: ids mean something only within one file.
An image that names no licence, or one that is not listed, has none that is known.

Source: https://cocodataset.org/#format-data; https://creativecommons.org/share-your-work/cclicenses/
"""

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from cocomine.coco.arrays import Bools, Ints
from cocomine.coco.dataset import Dataset, Split

NOT_NAMED = "not named"
"""Stands for the licence of images that name none, or one that the file does not list, or lists without a name."""
_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/licenses/(?P<terms>[a-z-]+)")
_FREE = (
    "creativecommons.org/publicdomain",
    "flickr.com/commons/usage",
    "usa.gov/copyright",
    "usa.gov/government-works",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a licence allows, as far as its address says; no legal advice."""

    commercial: bool
    changes: bool


def terms_at(url: str) -> Terms | None:
    """Return what the licence at an address allows, None where the address is not a known one."""
    if any(part in url.lower() for part in _FREE):
        return Terms(commercial=True, changes=True)
    found = _CREATIVE_COMMONS.search(url.lower())
    if found is None:
        return None
    terms = found["terms"].split("-")
    return Terms(commercial="nc" not in terms, changes="nd" not in terms)


def licence_counts(dataset: Dataset) -> dict[str, int]:
    """Return how many images each licence has, in the order of the files; those without an image are left out."""
    counts = Counter[str]()
    for split in dataset.splits:
        counts.update(licence_counts_in(split, np.arange(len(split.images))))
    return dict(counts)


def licence_counts_in(split: Split, image_index: Ints) -> dict[str, int]:
    """Return how many of the images at some positions, (n,), are under which licence; of no image none is named.

    Licences of one name are one.
    """
    names, of_image = _names_of_images(split)
    counts: dict[str, int] = {}
    for name, count in zip(names, np.bincount(of_image[image_index], minlength=len(names)).tolist(), strict=True):
        if count:
            counts[name] = counts.get(name, 0) + count
    return counts


def licences_allowing(dataset: Dataset, *, commercial: bool = False, changes: bool = False) -> tuple[str, ...]:
    """Return the licences, of those that images have, whose address is known to allow all that is asked for."""
    terms: dict[str, list[Terms | None]] = {}
    for split in dataset.splits:
        for licence in split.licences:
            terms.setdefault(licence.name, []).append(terms_at(licence.url))
    return tuple(name for name in licence_counts(dataset) if _all_allow(terms.get(name, []), commercial, changes))


def licensed(split: Split, licences: tuple[str, ...] | None) -> Bools:
    """Return which images have one of these licences, (n,); None takes every image, none of them no image."""
    if licences is None:
        return np.ones(len(split.images), dtype=bool)
    names, of_image = _names_of_images(split)
    return np.isin(names, licences)[of_image]


def _all_allow(terms: list[Terms | None], commercial: bool, changes: bool) -> bool:
    readable = [each for each in terms if each is not None]
    allowed = all(each.commercial >= commercial and each.changes >= changes for each in readable)
    return bool(terms) and len(readable) == len(terms) and allowed


def _names_of_images(split: Split) -> tuple[list[str], "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """Return the names of the split's licences, `NOT_NAMED` last, and which of them each image has, (n,)."""
    names = [licence.name or NOT_NAMED for licence in split.licences]
    ids = np.array([licence.licence_id for licence in split.licences], dtype=np.int64)
    if not len(ids):
        return [NOT_NAMED], np.zeros(len(split.images), dtype=np.int64)
    rising = np.argsort(ids, kind="stable")
    rank = np.searchsorted(ids[rising], split.images.licence_ids).clip(max=len(ids) - 1)
    is_listed = ids[rising][rank] == split.images.licence_ids
    return [*names, NOT_NAMED], np.where(is_listed, rising[rank], len(names))
