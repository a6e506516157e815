"""`cocomine relabel`: the paper's Algorithm 2 for a person's own mask images."""

from pathlib import Path

import click

from cocomine.cli.choices import GreyValues, Names
from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, say, show_progress
from cocomine.exporting.relabelling import labels_value, plan_relabelling, write_relabelling
from cocomine.wording import counted


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine relabel masks --out labels",
        "cocomine relabel masks --values 0,100,50 --names background,cat,dog --out labels",
    ),
)
@click.argument("folder", metavar="FOLDER", type=PATH)
@click.option(
    "--values",
    type=GreyValues(),
    metavar="A,B",
    help="Grey values in the order of their labels; without it all that occur but 255, ascending.",
)
@click.option(
    "--names", type=Names(), default=(), show_default=False, metavar="A,B", help="Names of the labels, for labels.json."
)
@click.option("--out", type=PATH, required=True, metavar="DIR", help="Folder to write, new or empty.")
def command(*, folder: Path, values: tuple[int, ...] | None, names: tuple[str, ...], out: Path) -> Result:
    """Turn the grey values of mask images into labels.

    The mask images (PNG, BMP, TIFF) in FOLDER and below it are written to DIR as PNG under the same names, their
    grey values replaced by 0 to n-1, the same for all masks. labels.json says which value became which label. 255
    stays 255, which training ignores, unless it is among the values.
    """
    plan = plan_relabelling(folder, values, names)
    if plan.ignored_px:
        say(f"Warning: 255 stays 255 (ignored) in {counted(plan.ignored_px, 'pixel')}. If it is a class, use --values.")
    write_relabelling(plan, out, progress=show_progress("Masks"))
    pairs = ", ".join(f"{value} → {label}" for label, value in enumerate(plan.values))
    return Result(
        value={"folder": str(out), **labels_value(plan)}, text=f"{out}: {counted(len(plan.masks), 'mask')}; {pairs}"
    )
