"""`cocomine demo`: a dataset without a download."""

from pathlib import Path

import click

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.demo.dataset import write_demo
from cocomine.workspace import workspace_from_environment


@click.command(cls=ResultCommand, examples=("cocomine demo", "cocomine demo my-demo"))
@click.argument("folder", metavar="[DIR]", type=PATH, required=False)
def command(*, folder: Path | None) -> Result:
    """Draw the built-in demo dataset.

    DIR is where; without it the demo goes to CocoMine's workspace, where the app finds it.
    """
    target = folder or workspace_from_environment().demo
    write_demo(target, progress=show_progress("Images"))
    return Result(value={"folder": str(target)}, text=f"{target}: the demo is there")
