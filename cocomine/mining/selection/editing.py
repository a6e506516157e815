"""What does wanting, forbidding or letting go of a class make of a selection?

The last word holds: a class that is wanted is forbidden no longer, and the other way round. Newly wanted classes come
last, since their order is that of the labels.
"""

from collections.abc import Sequence
from dataclasses import replace

from cocomine.mining.selection.selection import Selection


def without(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection in which these classes are neither wanted nor forbidden."""
    return replace(
        chosen,
        classes=tuple(name for name in chosen.classes if name not in names),
        forbidden=tuple(name for name in chosen.forbidden if name not in names),
    )


def wanting(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that wants these classes too; those it wanted keep their places."""
    new = [name for name in names if name not in chosen.classes]
    free = without(chosen, new)
    return replace(free, classes=(*free.classes, *new))


def forbidding(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that forbids these classes too, wanted or not before."""
    new = [name for name in names if name not in chosen.forbidden]
    free = without(chosen, new)
    return replace(free, forbidden=(*free.forbidden, *new))
