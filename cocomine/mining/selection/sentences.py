"""What groups and limits do to a subset, in sentences."""

from collections.abc import Sequence

from cocomine.coco.class_groups import ClassGroup
from cocomine.mining.selection.limits import Crowd, Limits
from cocomine.wording import counted, join_names, percent


def group_words(group: ClassGroup) -> str:
    """Return a group with its classes: "vehicle (car, bus and truck)"."""
    return f"{group.name} ({join_names(group.members)})"


def groups_sentence(groups: Sequence[ClassGroup]) -> str:
    """Return which classes are taken as one, "" where none are."""
    return f"Grouped classes: {'; '.join(map(group_words, groups))}." if groups else ""


def limit_phrases(limits: Limits) -> list[str]:
    """Return each limit in a few words, as on a badge: "min. 32 px²", "max. 500 images per class"."""
    phrases = []
    if limits.min_area_px:
        phrases.append(f"min. {limits.min_area_px:,} px²")
    if limits.crowd is Crowd.IGNORE:
        phrases.append("no crowd regions")
    if limits.cap is not None:
        phrases.append(f"max. {counted(limits.cap, limits.counted.value.removesuffix('s'))} per class")
    if limits.balance is not None:
        phrases.append(f"max. {limits.balance:g}× the rarest class")
    if limits.negatives:
        phrases.append(f"{percent(limits.negatives)} negatives")
    return phrases


def limits_sentences(limits: Limits) -> list[str]:
    """Return what each limit does."""
    what = limits.counted.value
    sentences = []
    if limits.min_area_px:
        sentences.append(f"Objects of fewer than {counted(limits.min_area_px, 'pixel')} are left out.")
    if limits.crowd is Crowd.IGNORE:
        sentences.append("Crowd regions are left out.")
    if limits.cap is not None:
        sentences.append(f"Each class has at most {counted(limits.cap, what.removesuffix('s'))}.")
    if limits.balance is not None:
        sentences.append(f"Each class has at most {limits.balance:g} times as many {what} as the rarest one.")
    if limits.negatives:
        sentences.append(
            f"{percent(limits.negatives)} of the images of each split, as far as there are, have no such class."
        )
    return sentences
