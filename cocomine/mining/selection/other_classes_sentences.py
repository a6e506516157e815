"""What becomes of the other classes, in sentences for a person who has to choose; all are plain text."""

from cocomine.mining.selection.other_classes import OtherClasses, PolicyResult
from cocomine.mining.selection.selection import Others
from cocomine.wording import counted, percent

MOST_NAMED = 4


def other_classes_sentence(rest: OtherClasses) -> str:
    """Return how much of the labelled objects belongs to classes not picked, and to which most."""
    ranked = sorted(rest.by_class.items(), key=lambda entry: -entry[1].object_count)
    named = [f"{name} ({amount.object_count:,})" for name, amount in ranked[:MOST_NAMED] if amount.object_count]
    more = f" and {len(ranked) - len(named)} more" if named and len(ranked) > len(named) else ""
    belongs = "belongs" if rest.others.object_count == 1 else "belong"
    return (
        f"{counted(rest.others.object_count, 'labelled object')} in your images {belongs} to classes you did not pick"
        f"{': ' if named else ''}{', '.join(named)}{more}. "
        f"That is {share_text(rest.dilution_by_objects)} of the labelled objects and "
        f"{share_text(rest.dilution_by_pixels)} of the labelled pixels."
    )


def policy_sentence(rest: OtherClasses, given: PolicyResult, policy: Others) -> str:
    """Return what becomes of the other classes' objects under a policy.

    Args:
        rest: whose objects.
        given: what becomes of them.
        policy: under which this is so.
    """
    class_count = len(rest.by_class)
    amount, one, several = {
        Others.BACKGROUND: (given.background, "becomes background", "become background"),
        Others.KEEP: (
            given.own,
            "stays a class of its own",
            f"stay {class_count} classes of their own" if class_count > 1 else "stay a class of their own",
        ),
        Others.MERGE: (given.other, "becomes “other”", "become “other”"),
        Others.IGNORE: (given.ignored, "is ignored", "are ignored"),
    }[policy]
    return f"{counted(amount.object_count, 'object')} {one if amount.object_count == 1 else several}"


def crowd_sentence(given: PolicyResult) -> str:
    """Return what becomes of crowd regions, "" where there is none."""
    told = [
        (given.background.crowd_count, "becomes background", "become background"),
        (given.ignored.crowd_count, "is ignored", "are ignored"),
    ]
    parts = [
        f"{counted(count, 'crowd region')} {one if count == 1 else several}" for count, one, several in told if count
    ]
    return f"{', '.join(parts)}." if parts else ""


def pixels_sentence(rest: OtherClasses) -> str:
    """Return how pixels were counted, and which objects could not be."""
    unknown_count = rest.picked.unknown_area_count + rest.others.unknown_area_count
    counted_so = (
        "Pixels are the size of each object as the file gives it; where objects overlap, the pixels of each count. "
        "Crowd regions count apart."
    )
    if not unknown_count:
        return counted_so
    unknown = f"{counted(unknown_count, 'object')} of unknown size {'adds' if unknown_count == 1 else 'add'} no pixels."
    return f"{counted_so} {unknown}"


def share_text(share: float) -> str:
    """Return a share as text, 0 as "0 %"."""
    return percent(share) if share else "0 %"
