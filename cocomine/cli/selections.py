"""How is a selection named on the command line?"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypedDict

import click

from cocomine.cli.choices import EnumChoice, Groups, Names
from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.dataset import Dataset
from cocomine.errors import SelectionError
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.selection import Mode, Others, Selection
from cocomine.mining.selection.serialisation import without_unknown_names
from cocomine.wording import MODE_NAMES, POLICY_NAMES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
group_option = click.option(
    "--group",
    type=Groups(),
    multiple=True,
    metavar="NAME=A,B",
    help="Take these classes as one, NAME; may be repeated.",
)


class SelectionOptions(TypedDict):
    """What `selection_options` adds to a command."""

    classes: tuple[str, ...]
    exclude: tuple[str, ...]
    mode: Mode
    others: Others
    licence: tuple[str, ...]
    group: tuple[ClassGroup, ...]
    min_area: int
    crowd: Crowd
    cap: int | None
    balance: float | None
    cap_by: Counted
    negatives: float


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that make a selection to a command."""
    for parameter in reversed(_PARAMETERS):
        function = parameter(function)
    return function


_PARAMETERS: tuple[Decorator, ...] = (
    click.option("--classes", type=Names(), default=(), show_default=False, metavar="A,B", help="Classes to include."),
    click.option(
        "--exclude",
        type=Names(),
        default=(),
        show_default=False,
        metavar="C,D",
        help="Classes that no image may contain.",
    ),
    group_option,
    click.option(
        "--mode",
        type=EnumChoice(Mode),
        default=str(Mode.ANY),
        help=f"Keep images containing: {', '.join(MODE_NAMES.values())}.",
    ),
    click.option(
        "--others",
        type=EnumChoice(Others),
        default=str(Others.BACKGROUND),
        help=f"Unselected classes: {', '.join(POLICY_NAMES.values())}.",
    ),
    click.option(
        "--licence", multiple=True, metavar="NAME", help="Use only images under this licence; may be repeated."
    ),
    click.option("--min-area", type=int, default=0, metavar="PX", help="Leave out objects of fewer pixels."),
    click.option(
        "--crowd", type=EnumChoice(Crowd), default=str(Crowd.KEEP), help="Keep crowd regions, or leave them out."
    ),
    click.option("--cap", type=int, metavar="N", help="Most images of each class, taken at random."),
    click.option(
        "--balance", type=float, metavar="F", help="Most images of each class, as a multiple of the rarest one's."
    ),
    click.option(
        "--cap-by", type=EnumChoice(Counted), default=str(Counted.IMAGES), help="What --cap and --balance count."
    ),
    click.option(
        "--negatives", type=float, default=0.0, metavar="SHARE", help="Share of images without any included class."
    ),
)


def chosen_selection(options: SelectionOptions, dataset: Dataset, *, seed: int) -> Selection:
    """Return the selection that the options make, in the dataset's own names.

    Args:
        seed: of the lots, where images are drawn.

    Raises:
        SelectionError: the dataset lacks a name, the classes contradict each other, or a limit is out of its range.
    """
    limits = Limits(
        min_area_px=options["min_area"],
        crowd=options["crowd"],
        cap=options["cap"],
        balance=options["balance"],
        counted=options["cap_by"],
        negatives=options["negatives"],
    )
    asked = Selection(
        classes=options["classes"],
        excluded_classes=options["exclude"],
        mode=options["mode"],
        others=options["others"],
        licences=options["licence"] or None,
        groups=options["group"],
        limits=replace(limits, seed=seed) if limits.draws else limits,
    )
    selection, unknown = without_unknown_names(asked, dataset)
    if unknown:
        raise SelectionError(" ".join(unknown))
    return selection
