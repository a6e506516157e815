"""What does including, excluding, clearing or grouping a class make of a selection?

The last word holds: a class that is included is excluded no longer, and the other way round. Newly included classes
come last, since their order is that of the labels. A group is included where one of its classes was, in the place of
the first, else excluded where one was; taken apart, its classes are what it was.
"""

from collections.abc import Sequence
from dataclasses import replace

from cocomine.coco.class_groups import ClassGroup
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


def with_group(chosen: Selection, name: str, names: Sequence[str]) -> Selection:
    """Return a selection in which these classes are one; groups among them are merged with the others.

    Args:
        name: of the group.
        names: of classes or groups as the selection has them; the first gives the group its id.

    Raises:
        SelectionError: the group has no name, or the name of another group, or holds a class of its own name alone.
    """
    members_of = {group.name: group.members for group in chosen.groups}
    group = ClassGroup(name=name, members=tuple(each for part in names for each in members_of.get(part, (part,))))
    classes = _with_one(chosen.classes, names, name)
    excluded = () if name in classes else (name,) if set(names) & set(chosen.excluded_classes) else ()
    return replace(
        chosen,
        classes=classes,
        excluded_classes=(*(each for each in chosen.excluded_classes if each not in names), *excluded),
        groups=(*(each for each in chosen.groups if each.name not in names), group),
    )


def without_group(chosen: Selection, name: str) -> Selection:
    """Return a selection in which the classes of a group are classes of their own again."""
    members = next(group.members for group in chosen.groups if group.name == name)
    return replace(
        chosen,
        classes=_with_many(chosen.classes, name, members),
        excluded_classes=_with_many(chosen.excluded_classes, name, members),
        groups=tuple(group for group in chosen.groups if group.name != name),
    )


def _with_one(classes: Sequence[str], names: Sequence[str], name: str) -> tuple[str, ...]:
    """Return classes with one in the place of the first of some, and without the others of these."""
    return tuple(dict.fromkeys(name if each in names else each for each in classes))


def _with_many(classes: Sequence[str], name: str, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for each in classes for part in (names if each == name else (each,)))
