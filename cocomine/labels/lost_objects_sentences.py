"""What is lost in label maps, told in sentences."""

from collections.abc import Mapping

from cocomine.labels.lost_objects import LabelMapReport, LostBecause, LostObjectCounts
from cocomine.wording import counted, percent

MOST_CLASSES = 5
"""So many of the classes that lose most are named."""


def reason_words(loss: LostBecause, size_px: int) -> str:
    """Return why an object has no pixel in a map of this side, such as "too small for 128 px"."""
    return {
        LostBecause.TOO_SMALL: f"too small for {size_px} px",
        LostBecause.COVERED: "covered by other classes",
        LostBecause.NO_MASK: "without a mask",
    }[loss]


def label_map_sentence(account: LabelMapReport) -> str:
    """Return what one label map does to the objects of its image."""
    if not account.objects:
        return "No object gets a class in this label map."
    return f"In this image {_overlap(account.overlap)}, and {_lost(len(account.lost), len(account.objects))}."


def lost_objects_sentence(losses: LostObjectCounts, size_px: int) -> str:
    """Return what is lost in the images of a subset that were counted."""
    totals = {reason: int(counts.sum()) for reason, counts in losses.lost_counts.items()}
    reasons = [f"{count:,} {reason_words(reason, size_px)}" for reason, count in totals.items() if count]
    lost = _lost(sum(totals.values()), int(losses.object_counts.sum()))
    told = f"{lost}: {', '.join(reasons)}" if reasons else lost
    return f"In {counted(losses.image_count, 'image')} {_overlap(losses.overlap)}, and {told}."


def by_class_sentence(losses: LostObjectCounts, names: Mapping[int, str]) -> str:
    """Return which classes lose most objects; empty where fewer than two lose any.

    Args:
        losses: of a subset.
        names: of the classes, by mask value.
    """
    ranked = sorted(losses.lost_by_label.items(), key=lambda found: (-found[1], found[0]))
    if len(ranked) < 2:
        return ""
    named = ", ".join(f"{names[label]} {count:,}" for label, count in ranked[:MOST_CLASSES])
    rest = len(ranked) - MOST_CLASSES
    more = f" and {counted(rest, 'more class')}" if rest > 0 else ""
    return f"Vanished by class: {named}{more}."


def _overlap(share: float | None) -> str:
    if not share:
        return "no pixel is claimed by two of your classes"
    return f"{percent(share)} of the pixels of your classes are claimed by two or more of them"


def _lost(count: int, of: int) -> str:
    if not count:
        return "every object has at least one pixel"
    return f"{count:,} of {counted(of, 'object')} {'has' if count == 1 else 'have'} no pixel left"
