"""How do groups and limits stand in one line, as in an address?

A line that says nothing that can be meant is as good as none: addresses are typed and cut short.
"""

from collections.abc import Sequence
from contextlib import suppress

from cocomine.coco.class_groups import ClassGroup, require_apart
from cocomine.errors import SelectionError
from cocomine.mining.selection.limits import Limits
from cocomine.mining.selection.serialisation import limits_of, limits_value
from cocomine.wording import entries_from_line, names_to_line


def groups_to_line(groups: Sequence[ClassGroup]) -> str:
    """Return groups in one line: of each its name and its classes, with commas between, and so all of them."""
    return names_to_line([names_to_line((group.name, *group.members)) for group in groups])


def groups_from_line(line: str) -> tuple[ClassGroup, ...]:
    """Return the groups that `groups_to_line` put in one line; what is no group is left out."""
    groups = list[ClassGroup]()
    for text in entries_from_line(line):
        name, *members = entries_from_line(text) or ("",)
        with suppress(SelectionError):
            group = ClassGroup(name=name, members=tuple(members))
            require_apart([*groups, group])
            groups.append(group)
    return tuple(groups)


def limits_to_line(limits: Limits) -> str:
    """Return what is set of limits in one line: "min_area_px:32,cap:500"."""
    return ",".join(f"{name}:{value}" for name, value in limits_value(limits).items())


def limits_from_line(line: str) -> Limits:
    """Return the limits that `limits_to_line` put in one line; none where one of them cannot be."""
    try:
        return limits_of(dict(part.split(":") for part in line.split(",") if part))
    except (TypeError, ValueError, OverflowError, SelectionError):
        return Limits()
