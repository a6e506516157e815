"""How does one word of the command line become a value?"""

from enum import StrEnum
from typing import Any, TypeVar

import click

from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.split_role import SplitRole
from cocomine.wording import names_from_line

E = TypeVar("E", bound=StrEnum)


class EnumChoice(click.Choice[E]):
    """One member of an enumeration, named by its value."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:
        """Return the word that stands for a member."""
        return str(choice)


class Names(click.ParamType[tuple[str, ...]]):
    """Names separated by commas; one with a comma in it stands in double quotes."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Return the names, each once."""
        return value if isinstance(value, tuple) else names_from_line(value)


class Groups(click.ParamType[ClassGroup]):
    """`NAME=A,B`: classes that are taken as one."""

    name = "group"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> ClassGroup:
        """Return the group; its name ends at the first "="."""
        if isinstance(value, ClassGroup):
            return value
        name, sign, members = value.partition("=")
        if not (name.strip() and sign and names_from_line(members)):
            self.fail(f"{value!r} is not NAME=A,B", param, ctx)
        return ClassGroup(name=name.strip(), members=names_from_line(members))


class SplitWithRole(click.ParamType[tuple[str, SplitRole]]):
    """`SPLIT=train`, `SPLIT=val` or `SPLIT=test`."""

    name = "role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, SplitRole]:
        """Return the split's name with what it is for."""
        if isinstance(value, tuple):
            return value
        split, _, role = value.rpartition("=")
        if not split or role not in list(SplitRole):
            self.fail(f"{value!r} is not SPLIT=train, SPLIT=val or SPLIT=test", param, ctx)
        return split, SplitRole(role)


class MaskSize(click.ParamType[int | None]):
    """A side in pixels, or `native` for that of the images."""

    name = "mask size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        """Return the side; None for that of the images."""
        if value == "native":
            return None
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of pixels nor native", param, ctx)


class GreyValues(click.ParamType[tuple[int, ...]]):
    """Whole numbers separated by commas."""

    name = "values"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, ...]:
        """Return the numbers in their order."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(int(part) for part in value.split(","))
        except ValueError:
            self.fail(f"{value!r} is not a list of whole numbers such as 0,50,100", param, ctx)
