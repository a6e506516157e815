"""`cocomine diff`: what is different between two recipes or exports."""

from pathlib import Path

import click

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand
from cocomine.exporting.reading import read_recipe
from cocomine.mining.selection.recipe_changes import recipe_changes


@click.command(
    cls=ResultCommand, examples=("cocomine diff export again", "cocomine diff export/recipe.yaml recipe.yaml --json")
)
@click.argument("before", metavar="A", type=PATH)
@click.argument("after", metavar="B", type=PATH)
def command(*, before: Path, after: Path) -> Result:
    """Say what changed from one recipe to another.

    A and B are exports or their recipe.yaml. Annotation files are compared by their content, not by where they are.
    """
    changes = recipe_changes(read_recipe(before), read_recipe(after))
    return Result(value=changes, text="\n".join(changes) or "Both recipes are the same.")
