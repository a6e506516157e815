"""What does including, excluding or clearing a class make of a selection?

The last word holds: a class that is included is excluded no longer, and the other way round. Newly included classes
come last, since their order is that of the labels.
"""

from collections.abc import Sequence
from dataclasses import replace

from cocomine.mining.selection.selection import Selection


def without_classes(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection in which these classes are neither selected nor excluded."""
    return replace(
        chosen,
        classes=tuple(name for name in chosen.classes if name not in names),
        excluded_classes=tuple(name for name in chosen.excluded_classes if name not in names),
    )


def with_classes(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that includes these classes too; those it had keep their order."""
    new = [name for name in names if name not in chosen.classes]
    free = without_classes(chosen, new)
    return replace(free, classes=(*free.classes, *new))


def with_excluded(chosen: Selection, names: Sequence[str]) -> Selection:
    """Return a selection that excludes these classes too, selected or not before."""
    new = [name for name in names if name not in chosen.excluded_classes]
    free = without_classes(chosen, new)
    return replace(free, excluded_classes=(*free.excluded_classes, *new))
