"""Do few images fit a selection, and what stands in the way?

Few is measured against the widest choice of the same classes: any of them, none
excluded, every licence. Where that gives hardly more, nothing stands in the
way; the classes are rare.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from cocomine.coco.dataset import Bools
from cocomine.mining.selection.counting import CandidateImages
from cocomine.mining.selection.selection import Mode, Selection
from cocomine.wording import counted

FEW_IMAGES = 20
FEW_SHARE = 0.01
"""Fewer than this share of what the widest choice gives is few."""
CLEARLY_MORE = 2
"""The widest choice gives at least this many times as much, or nothing stands in the way."""
NOTABLE_SHARE = 0.1
"""A condition that takes this share of what the widest choice gives is told."""
MOST_NAMED = 3
"""More classes than this are called "your classes"."""


def is_too_few(image_count: int, *, of: int) -> bool:
    """Return whether so few of the images fit that the widest choice gives."""
    return image_count < max(FEW_IMAGES, FEW_SHARE * of) and of > image_count and of >= CLEARLY_MORE * image_count


def widest(selection: Selection) -> Selection:
    """Return the choice of the same classes that gives most images."""
    return replace(selection, mode=Mode.ANY, excluded_classes=(), licences=None)


def limiting_conditions(candidates: CandidateImages, selection: Selection) -> str:
    """Return why few images fit, in a sentence for each reason, as plain text; "" where enough fit.

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
        sentences.append(f"The licences that you allow leave {len(licensed):,} of {among}.")
    if _matters(len(licensed), len(allowed), most=most):
        sentences.append(_forbidding_sentence(candidates, selection, licensed=licensed, left=len(allowed)))
    if _matters(len(allowed), now, most=most):
        tell = _only_sentence if selection.mode is Mode.ONLY else _all_sentence
        sentences.append(tell(candidates, selection, some=allowed, now=now))
    return " ".join(sentences)


def _matters(before: int, after: int, *, most: int) -> bool:
    """Return whether a condition takes enough images to be told; where few are left, one of the three does."""
    return after < before and (before - after >= NOTABLE_SHARE * most or CLEARLY_MORE * after <= before)


def without_columns(some: Bools, columns: Sequence[int]) -> Bools:
    """Return presence with these categories blotted out, (n, k)."""
    foreign = some.copy()
    foreign[:, columns] = False
    return foreign


def alternatives(names: Sequence[str]) -> str:
    """Return names as in a sentence: "bus", "bus or car"; more than three are "your classes"."""
    if len(names) > MOST_NAMED:
        return "your classes"
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


def _only_sentence(candidates: CandidateImages, selection: Selection, *, some: Bools, now: int) -> str:
    worst = _worst(candidates, without_columns(some, candidates.index_of(selection.classes)))
    if now:
        return (
            f"Only {now:,} of {_images(len(some), selection)} {'holds' if now == 1 else 'hold'} nothing else: {worst}."
        )
    if len(some) == 1:
        return f"The one image with {alternatives(selection.classes)} holds other classes too: {worst}."
    return f"All {_images(len(some), selection)} hold other classes too: {worst}."


def _all_sentence(candidates: CandidateImages, selection: Selection, *, some: Bools, now: int) -> str:
    size, held = len(selection.classes), some[:, candidates.index_of(selection.classes)]
    if now:
        rarest = int(held.sum(axis=0).argmin())
        lacking = f"{selection.classes[rarest]} is in {int(held[:, rarest].sum()):,} of them"
        every = "both" if size == 2 else f"all {size}"
        return f"Only {now:,} of {_images(len(some), selection)} {'has' if now == 1 else 'have'} {every}: {lacking}."
    if size == 2:
        return f"No image has both {selection.classes[0]} and {selection.classes[1]}."
    most = int(held.sum(axis=1).max(initial=0))
    meeting = "no two of them ever meet" if most == 1 else f"at most {most} of them meet in one image"
    return f"No image has all {size} of your classes: {meeting}."


def _forbidding_sentence(candidates: CandidateImages, selection: Selection, *, licensed: Bools, left: int) -> str:
    places = candidates.index_of(selection.excluded_classes)
    banned = np.zeros_like(licensed)
    banned[:, places] = licensed[:, places]
    among = _images(len(licensed), selection)
    return f"The classes that you forbid leave {left:,} of {among}: {_worst(candidates, banned)}."


def _worst(candidates: CandidateImages, foreign: Bools) -> str:
    """Return the two categories in most images: "person is in 371 of them, car in 290"."""
    counts = foreign.sum(axis=0)
    first, *more = [int(at) for at in np.argsort(-counts, kind="stable")[:2] if counts[at]]
    told = [f"{candidates.dataset.category_names[first]} is in {counts[first]:,} of them"]
    return ", ".join(told + [f"{candidates.dataset.category_names[at]} in {counts[at]:,}" for at in more])


def _images(count: int, selection: Selection) -> str:
    return f"{counted(count, 'image')} with {alternatives(selection.classes)}"
