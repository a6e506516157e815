"""Which classes are taken as one, and under which name?

A group of several classes merges them; a group of one renames it. A class belongs to one group at most.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cocomine.errors import SelectionError
from cocomine.wording import join_names


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassGroup:
    """Classes that are taken as one.

    Attributes:
        name: of the class that they become.
        members: the names of the classes; the first one gives the group its id and its place in the list.
    """

    name: str
    members: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise SelectionError(f"The group of {', '.join(self.members)} has no name. Give it one.")
        if not self.members:
            raise SelectionError(f"The group {self.name!r} has no class. Name at least one.")
        if self.members == (self.name,):
            raise SelectionError(f"The group {self.name!r} holds {self.name} alone. Add a class, or rename it.")


def require_apart(groups: Sequence[ClassGroup]) -> None:
    """Refuse groups that share a name or a class.

    Raises:
        SelectionError: they do, or a class is in one of them twice.
    """
    _require_once([group.name for group in groups], "the name of two groups. Choose another name for one of them")
    _require_once(
        [name for group in groups for name in group.members], "in two groups, or in one twice. Name each class once"
    )


def _require_once(names: Sequence[str], flaw: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise SelectionError(f"{join_names(repeated)}: {flaw}.")


def members_by_name(groups: Sequence[ClassGroup]) -> dict[str, str]:
    """Return the group of each class that is in one, by the names of both."""
    return {member: group.name for group in groups for member in group.members}
