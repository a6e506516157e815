"""`cocomine demo`: a dataset without a download."""

from pathlib import Path

import click

from cocomine.cli.choices import EnumChoice
from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.demo.dataset import write_demo
from cocomine.demo.worlds import World, WorldKind, write_world
from cocomine.workspace import workspace_from_environment


@click.command(
    cls=ResultCommand, examples=("cocomine demo", "cocomine demo my-demo", "cocomine demo my-world --world planted")
)
@click.argument("folder", metavar="[DIR]", type=PATH, required=False)
@click.option(
    "--world",
    type=EnumChoice(WorldKind),
    help="Small images for a claim check instead: with a rival of the class apple, or without any. Needs DIR.",
)
def command(*, folder: Path | None, world: WorldKind | None) -> Result:
    """Draw the built-in demo dataset.

    DIR is where; without it the demo goes to CocoMine's workspace, where the app finds it.
    """
    if world is not None:
        return _drawn_world(folder, world)
    target = folder or workspace_from_environment().demo
    write_demo(target, progress=show_progress("Images"))
    return Result(value={"folder": str(target)}, text=f"{target}: the demo is there")


def _drawn_world(folder: Path | None, kind: WorldKind) -> Result:
    if folder is None:
        raise click.UsageError(f"--world {kind} needs a folder, such as: cocomine demo my-world --world {kind}")
    write_world(folder, World(kind=kind), progress=show_progress("Images"))
    return Result(value={"folder": str(folder), "world": str(kind)}, text=f"{folder}: the {kind} world is there")
