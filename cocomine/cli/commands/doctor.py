"""`cocomine doctor`: what works on this computer?"""

from dataclasses import asdict

import click

from cocomine.cli.doctor import examined
from cocomine.cli.results import Result, ResultCommand
from cocomine.errors import SelectionError
from cocomine.workspace import workspace_from_environment


@click.command(cls=ResultCommand, examples=("cocomine doctor", "cocomine doctor --only mongod"))
@click.option("--only", metavar="NAME", help="Check one thing; exit 1 if it does not work.")
def command(*, only: str | None) -> Result:
    """Say what works on this computer, and how to fix the rest."""
    signs = [sign for sign in examined(workspace_from_environment()) if only in {None, sign.name}]
    if not signs:
        raise SelectionError(f"There is nothing called {only!r} to check. Run it without --only for a list.")
    lines = [f"{'ok  ' if sign.works else 'no  '}{sign.name}: {sign.message}" for sign in signs]
    is_well = only is None or all(sign.works for sign in signs)
    return Result(value=[asdict(sign) for sign in signs], text="\n".join(lines), is_well=is_well)
