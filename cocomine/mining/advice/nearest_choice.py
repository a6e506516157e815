"""Where few images fit: which choices close to it have more?

A choice is changed by one step at a time, each the one that helps most: "only"
lets in the classes that keep most images out, or gives way to "any" without the
strongest companions; "all" goes without the class that most images lack; a
excluded class is allowed again; licences are widened. The stated number of
images is what `select` gives.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cocomine.coco.dataset import Bools
from cocomine.mining.advice.too_few_images import (
    FEW_IMAGES,
    FEW_SHARE,
    MOST_NAMED,
    alternatives,
    is_too_few,
    widest,
    without_columns,
)
from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.wording import counted, join_names

MOST_STEPS = 2
MOST_FORBIDDEN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeSelection:
    """Another selection close to the one asked for.

    Attributes:
        image_count: what it gives.
        sentence: what to change and what that gives, as plain text.
    """

    selection: Selection
    image_count: int
    sentence: str


def alternative_selections(candidates: CandidateImages, selection: Selection) -> list[AlternativeSelection]:
    """Return choices near this one that have more images, the nearest first; none where enough images fit.

    Args:
        candidates: the images to take from.
        selection: what the person asked for; an empty one is near to nothing.

    Raises:
        SelectionError: a class is unknown.
    """
    now = candidates.image_count(selection)
    if not is_too_few(now, of=candidates.image_count(widest(selection))):
        return []
    offered = [*_beside_mode(candidates, selection), *_allowing(candidates, selection)]
    if selection.licences is not None:
        offered.append(_choice(candidates, replace(selection, licences=None), "Take images of every licence"))
    if selection.mode is not Mode.ANY:
        words = "Take images with any of your classes, whatever else is in them"
        offered.append(_choice(candidates, replace(selection, mode=Mode.ANY), words))
    better = {each.selection: each for each in offered if each.image_count > now}
    words = "Take images with any of your classes, forbid none and allow every licence"
    return list(better.values()) or [_choice(candidates, widest(selection), words)]


def _beside_mode(candidates: CandidateImages, selection: Selection) -> Iterator[AlternativeSelection]:
    some = candidates.presence_in(replace(selection, mode=Mode.ANY))
    if len(some) and selection.mode is Mode.ALL:
        yield from _leaving_out(candidates, selection, some[:, candidates.index_of(selection.classes)])
    if len(some) and selection.mode is Mode.ONLY:
        yield from _letting_in(candidates, selection, some)
        yield from _forbidding(candidates, selection, some)


def _letting_in(candidates: CandidateImages, selection: Selection, some: Bools) -> Iterator[AlternativeSelection]:
    """Offer "only" with the classes that keep most of the images out.

    Args:
        candidates: the images to take from.
        selection: of mode "only".
        some: the images with any of its classes, (n, k).
    """
    foreign = without_columns(some, candidates.index_of(selection.classes))
    wider, before = selection, _empty_rows(foreign)
    for _ in range(MOST_STEPS):
        if not foreign.any():
            return
        added = _blocking_most(foreign)
        foreign[:, added] = False
        wider = replace(wider, classes=(*wider.classes, candidates.dataset.category_names[added]))
        freed = _empty_rows(foreign)
        if freed > before:
            words = f"Want {join_names(wider.classes[len(selection.classes) :])} too"
            having = f", {freed:,} of them with {alternatives(selection.classes)}"
            yield _choice(candidates, wider, words, having if freed < candidates.image_count(wider) else "")
        if not is_too_few(freed, of=len(some)):
            return


def _forbidding(candidates: CandidateImages, selection: Selection, some: Bools) -> Iterator[AlternativeSelection]:
    """Offer "any" with as many of the strongest companions excluded as leave images enough."""
    foreign = without_columns(some, candidates.index_of(selection.classes))
    new: list[str] = []
    for _ in range(MOST_FORBIDDEN):
        worst = int(foreign.sum(axis=0).argmax())
        left = foreign[~foreign[:, worst]]
        if len(left) == len(foreign) or (new and len(left) < max(FEW_IMAGES, FEW_SHARE * len(some))):
            break
        foreign = left
        new.append(candidates.dataset.category_names[worst])
    if new:
        wider = replace(selection, mode=Mode.ANY, excluded_classes=(*selection.excluded_classes, *new))
        yield _choice(candidates, wider, f"Take images with any of your classes, and forbid {join_names(new)}")


def _leaving_out(candidates: CandidateImages, selection: Selection, held: Bools) -> Iterator[AlternativeSelection]:
    """Offer "all" of fewer classes.

    Args:
        candidates: the images to take from.
        selection: of mode "all".
        held: which class is in each image with any of them, (n, classes).
    """
    kept = list(range(len(selection.classes)))
    for _ in range(MOST_STEPS):
        if len(kept) < 2:
            return
        kept = most_that_meet(held, kept)
        names = tuple(selection.classes[place] for place in kept)
        left_out = [name for name in selection.classes if name not in names]
        having = f" with {join_names(names) if len(names) <= MOST_NAMED else f'the other {len(names)}'}"
        choice = _choice(candidates, replace(selection, classes=names), f"Leave out {join_names(left_out)}", having)
        yield choice
        if not is_too_few(choice.image_count, of=len(held)):
            return


def most_that_meet(held: Bools, kept: list[int]) -> list[int]:
    """Return the most of these classes, but not all, that meet in an image; of equally many those in most images.

    Args:
        held: which class is in which image, (n, classes), in each image at least one.
        kept: positions of the classes to go on from, at least two.
    """
    among = held[:, kept]
    numbers = among.sum(axis=1)
    most = min(int(numbers.max()), len(kept) - 1)
    if most == len(kept) - 1:
        lacking = (~among[numbers == most]).sum(axis=0)
        worst = len(kept) - 1 - int(lacking[::-1].argmax())  # of equal ones the last picked
        return kept[:worst] + kept[worst + 1 :]
    patterns, counts = np.unique(among[numbers == most], axis=0, return_counts=True)
    return [kept[at] for at in np.flatnonzero(patterns[counts.argmax()])]


def _allowing(candidates: CandidateImages, selection: Selection) -> Iterator[AlternativeSelection]:
    """Offer to allow the excluded classes that cost most."""
    banned = candidates.presence_in(replace(selection, excluded_classes=()))[
        :, candidates.index_of(selection.excluded_classes)
    ]
    allowed: list[str] = []
    while banned.any() and len(allowed) < MOST_STEPS:
        worst = _blocking_most(banned)
        banned[:, worst] = False
        allowed.append(selection.excluded_classes[worst])
        still = tuple(name for name in selection.excluded_classes if name not in allowed)
        yield _choice(candidates, replace(selection, excluded_classes=still), f"Allow {join_names(allowed)}")
        if not is_too_few(_empty_rows(banned), of=len(banned)):
            return


def _choice(candidates: CandidateImages, selection: Selection, words: str, more: str = "") -> AlternativeSelection:
    count = candidates.image_count(selection)
    return AlternativeSelection(
        selection=selection, image_count=count, sentence=f"{words}: {counted(count, 'image')}{more}."
    )


def _empty_rows(foreign: Bools) -> int:
    return int((~foreign.any(axis=1)).sum())


def _blocking_most(foreign: Bools) -> int:
    """Return the column without which most rows become empty; of equal ones the fullest."""
    freed = foreign[foreign.sum(axis=1) == 1].sum(axis=0)
    return int(np.lexsort((foreign.sum(axis=0), freed))[-1])
