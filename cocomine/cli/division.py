"""How is a division into training, validation and testing asked for on the command line?"""

from collections.abc import Callable
from typing import Any, TypedDict

import click

from cocomine.cli.choices import EnumChoice
from cocomine.cli.results import say, show_progress
from cocomine.coco.dataset import Dataset
from cocomine.errors import SelectionError
from cocomine.exporting.planning.alike_images import Likeness, across_sentence, alike_images, keeping_together
from cocomine.mining.selection.division import Division, Fold
from cocomine.mining.selection.recipe import Recipe
from cocomine.mining.selection.selection import select

VAL_SHARE = Division().val_share
OPTIONS = (
    click.option(
        "--val-share",
        type=float,
        show_default=str(VAL_SHARE),
        help="Share of validation images, where images are divided.",
    ),
    click.option("--test-share", type=float, default=0.0, help="Share of test images, for a dataset of one split."),
    click.option(
        "--folds", type=int, metavar="N", help="Instead of shares: divide into N folds, one of which is for validation."
    ),
    click.option("--fold", type=int, metavar="K", help="Which fold is for validation, from 0 to N - 1."),
    click.option("--val-from", metavar="SPLIT", help="Of several splits, the one that gives images for validation."),
    click.option(
        "--keep-together",
        type=EnumChoice(Likeness),
        default=str(Likeness.NAMES),
        help="Images that stay on one side: of one file name, also of equal files, also near duplicates. The last two "
        "read the image files, and tell what is alike across the dataset's own splits.",
    ),
    click.option(
        "--seed",
        type=int,
        default=0,
        help="Of the division, and of what --cap and --negatives take at random.",
    ),
)


class DivisionOptions(TypedDict):
    """What `division_options` adds to a command."""

    val_share: float | None
    test_share: float
    folds: int | None
    fold: int | None
    val_from: str | None
    keep_together: Likeness
    seed: int


def division_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how images are divided."""
    for option in reversed(OPTIONS):
        function = option(function)
    return function


def division_of(options: DivisionOptions) -> Division:
    """Return the division that the options ask for, without images that stay together.

    Raises:
        SelectionError: it is not possible.
    """
    share = options["val_share"]
    return Division(
        val_share=VAL_SHARE if share is None else share,
        test_share=options["test_share"],
        fold=_fold_of(options),
        val_from=options["val_from"],
        seed=options["seed"],
    )


def _fold_of(options: DivisionOptions) -> Fold | None:
    if (options["folds"] is None) != (options["fold"] is None):
        raise SelectionError("Say both how many folds there are and which is for validation: --folds 5 --fold 0.")
    if options["folds"] is None or options["fold"] is None:
        return None
    if options["val_share"] is not None:
        raise SelectionError("The number of folds says how much is for validation. Leave out --val-share or --folds.")
    return Fold(number=options["fold"], count=options["folds"])


def with_alike_images(recipe: Recipe, dataset: Dataset, likeness: Likeness) -> Recipe:
    """Return a recipe that keeps images together that are alike, and say which are alike in several splits."""
    if likeness is Likeness.NAMES:
        return recipe
    subset = select(dataset, recipe.selection, recipe.excluded)
    alike = alike_images(subset, likeness, show_progress("Comparing image files"))
    if across := across_sentence(alike, likeness):
        say(f"Warning: {across}")
    return keeping_together(recipe, alike)
