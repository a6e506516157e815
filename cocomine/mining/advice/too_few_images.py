"""Do few images fit a selection, what limits it, and which selections close to it have more?

Few is measured against the widest selection of the same classes: any of them, none excluded, every licence. Where that
gives hardly more, nothing limits it; the classes are rare.

An alternative changes one thing at a time, the one that helps most: "only" lets in the classes that keep most images
out, or gives way to "any" without the strongest companions; "all" goes without the class that most images lack; an
excluded class is allowed again; licences are widened. The stated number of images is what `select` gives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from cocomine.coco.arrays import Bools
from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.wording import counted, join_names

FEW_IMAGES = 20
FEW_SHARE = 0.01
"""Fewer than this share of what the widest selection gives is few."""
CLEARLY_MORE = 2
"""The widest selection gives at least this many times as much, or nothing limits it."""
NOTABLE_SHARE = 0.1
"""A condition that removes this share of what the widest selection gives is named."""
MOST_NAMED = 3
"""More classes than this are called "your classes"."""


def is_too_few(image_count: int, *, of: int) -> bool:
    """Return whether so few of the images fit that the widest selection gives."""
    return image_count < max(FEW_IMAGES, FEW_SHARE * of) and of > image_count and of >= CLEARLY_MORE * image_count


def widest(selection: Selection) -> Selection:
    """Return the selection of the same classes that gives most images."""
    return replace(selection, mode=Mode.ANY, excluded_classes=(), licences=None)


def limiting_conditions(candidates: CandidateImages, selection: Selection) -> str:
    """Return what keeps images out, in a sentence for each condition, as plain text; "" where enough fit.

    Raises:
        SelectionError: a class is unknown.
    """
    now, most = candidates.image_count(selection), candidates.image_count(widest(selection))
    if not is_too_few(now, of=most):
        return ""
    licensed = candidates.presence_in(replace(widest(selection), licences=selection.licences))
    allowed = candidates.presence_in(replace(selection, mode=Mode.ANY))
    sentences = []
    if _matters(most, len(licensed), most=most):
        among = _images(most, selection)
        sentences.append(f"The allowed licences leave {len(licensed):,} of {among}.")
    if _matters(len(licensed), len(allowed), most=most):
        sentences.append(_excluding_sentence(candidates, selection, licensed=licensed, left=len(allowed)))
    if _matters(len(allowed), now, most=most):
        tell = _only_sentence if selection.mode is Mode.ONLY else _all_sentence
        sentences.append(tell(candidates, selection, some=allowed, now=now))
    return " ".join(sentences)


def _matters(before: int, after: int, *, most: int) -> bool:
    """Return whether a condition removes enough images to be named; where few are left, one of the three does."""
    return after < before and (before - after >= NOTABLE_SHARE * most or CLEARLY_MORE * after <= before)


def without_columns(some: Bools, columns: Sequence[int]) -> Bools:
    """Return presence with these categories blotted out, (n, k)."""
    foreign = some.copy()
    foreign[:, columns] = False
    return foreign


def any_of(names: Sequence[str]) -> str:
    """Return names as in a sentence: "bus", "bus or car"; more than three are "your classes"."""
    if len(names) > MOST_NAMED:
        return "your classes"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _only_sentence(candidates: CandidateImages, selection: Selection, *, some: Bools, now: int) -> str:
    worst = _worst(candidates, without_columns(some, candidates.index_of(selection.classes)))
    if now:
        verb = "contains" if now == 1 else "contain"
        return f"Only {now:,} of {_images(len(some), selection)} {verb} no other class: {worst}."
    if len(some) == 1:
        return f"The one image with {any_of(selection.classes)} contains other classes: {worst}."
    return f"All {_images(len(some), selection)} contain other classes: {worst}."


def _all_sentence(candidates: CandidateImages, selection: Selection, *, some: Bools, now: int) -> str:
    size, held = len(selection.classes), some[:, candidates.index_of(selection.classes)]
    if now:
        rarest = int(held.sum(axis=0).argmin())
        limit = f"{selection.classes[rarest]} is in {int(held[:, rarest].sum()):,}"
        verb, every = "contains" if now == 1 else "contain", "both" if size == 2 else f"all {size}"
        return f"Only {now:,} of {_images(len(some), selection)} {verb} {every}: {limit}."
    if size == 2:
        return f"No image contains both {selection.classes[0]} and {selection.classes[1]}."
    most = int(held.sum(axis=1).max(initial=0))
    meeting = "no two of them appear together" if most == 1 else f"at most {most} of them appear together"
    return f"No image contains all {size} selected classes: {meeting}."


def _excluding_sentence(candidates: CandidateImages, selection: Selection, *, licensed: Bools, left: int) -> str:
    index = candidates.index_of(selection.excluded_classes)
    excluded = np.zeros_like(licensed)
    excluded[:, index] = licensed[:, index]
    among = _images(len(licensed), selection)
    return f"The excluded classes leave {left:,} of {among}: {_worst(candidates, excluded)}."


def _worst(candidates: CandidateImages, foreign: Bools) -> str:
    """Return the two categories in most images: "person is in 371, car in 290"."""
    counts = foreign.sum(axis=0)
    first, *more = [int(at) for at in np.argsort(-counts, kind="stable")[:2] if counts[at]]
    counted_in = [f"{candidates.dataset.category_names[first]} is in {counts[first]:,}"]
    return ", ".join(counted_in + [f"{candidates.dataset.category_names[at]} in {counts[at]:,}" for at in more])


def _images(count: int, selection: Selection) -> str:
    return f"{counted(count, 'image')} with {any_of(selection.classes)}"


MOST_STEPS = 2
MOST_EXCLUDED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeSelection:
    """Another selection, close to the one asked for.

    Attributes:
        image_count: what it gives.
        sentence: what to change and what that gives, as plain text.
    """

    selection: Selection
    image_count: int
    sentence: str


def alternative_selections(candidates: CandidateImages, selection: Selection) -> list[AlternativeSelection]:
    """Return selections close to this one that have more images, the closest first; none where enough images fit.

    Args:
        selection: what the person asked for; nothing is close to an empty one.

    Raises:
        SelectionError: a class is unknown.
    """
    now = candidates.image_count(selection)
    if not is_too_few(now, of=candidates.image_count(widest(selection))):
        return []
    offered = [*_beside_mode(candidates, selection), *_allowing(candidates, selection)]
    if selection.licences is not None:
        offered.append(_alternative(candidates, replace(selection, licences=None), "Allow all licences"))
    if selection.mode is not Mode.ANY:
        words = "Keep images with any selected class"
        offered.append(_alternative(candidates, replace(selection, mode=Mode.ANY), words))
    better = {each.selection: each for each in offered if each.image_count > now}
    words = "Keep images with any selected class, exclude none and allow all licences"
    return list(better.values()) or [_alternative(candidates, widest(selection), words)]


def _beside_mode(candidates: CandidateImages, selection: Selection) -> Iterator[AlternativeSelection]:
    some = candidates.presence_in(replace(selection, mode=Mode.ANY))
    if len(some) and selection.mode is Mode.ALL:
        yield from _leaving_out(candidates, selection, some[:, candidates.index_of(selection.classes)])
    if len(some) and selection.mode is Mode.ONLY:
        yield from _letting_in(candidates, selection, some)
        yield from _excluding(candidates, selection, some)


def _letting_in(candidates: CandidateImages, selection: Selection, some: Bools) -> Iterator[AlternativeSelection]:
    """Offer "only" with the classes that keep most of the images out.

    Args:
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
            words = f"Include {join_names(wider.classes[len(selection.classes) :])}"
            having = f", {freed:,} of them with {any_of(selection.classes)}"
            yield _alternative(candidates, wider, words, having if freed < candidates.image_count(wider) else "")
        if not is_too_few(freed, of=len(some)):
            return


def _excluding(candidates: CandidateImages, selection: Selection, some: Bools) -> Iterator[AlternativeSelection]:
    """Offer "any" with as many of the strongest companions excluded as leave images enough."""
    foreign = without_columns(some, candidates.index_of(selection.classes))
    new: list[str] = []
    for _ in range(MOST_EXCLUDED):
        worst = int(foreign.sum(axis=0).argmax())
        left = foreign[~foreign[:, worst]]
        if len(left) == len(foreign) or (new and len(left) < max(FEW_IMAGES, FEW_SHARE * len(some))):
            break
        foreign = left
        new.append(candidates.dataset.category_names[worst])
    if new:
        wider = replace(selection, mode=Mode.ANY, excluded_classes=(*selection.excluded_classes, *new))
        yield _alternative(candidates, wider, f"Keep images with any selected class and exclude {join_names(new)}")


def _leaving_out(candidates: CandidateImages, selection: Selection, held: Bools) -> Iterator[AlternativeSelection]:
    """Offer "all" of fewer classes.

    Args:
        held: which class is in each image with any of them, (n, classes).
    """
    kept = list(range(len(selection.classes)))
    for _ in range(MOST_STEPS):
        if len(kept) < 2:
            return
        kept = most_that_meet(held, kept)
        names = tuple(selection.classes[index] for index in kept)
        left_out = [name for name in selection.classes if name not in names]
        having = f" with {join_names(names) if len(names) <= MOST_NAMED else f'the other {len(names)}'}"
        alternative = _alternative(
            candidates, replace(selection, classes=names), f"Remove {join_names(left_out)}", having
        )
        yield alternative
        if not is_too_few(alternative.image_count, of=len(held)):
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
        worst = len(kept) - 1 - int(lacking[::-1].argmax())  # of equal ones the last selected
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
        yield _alternative(
            candidates, replace(selection, excluded_classes=still), f"Stop excluding {join_names(allowed)}"
        )
        if not is_too_few(_empty_rows(banned), of=len(banned)):
            return


def _alternative(candidates: CandidateImages, selection: Selection, words: str, more: str = "") -> AlternativeSelection:
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
