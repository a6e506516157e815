"""`cocomine zip`: an export as one file."""

from pathlib import Path

import click

from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.exporting.zipping import plan_zip, write_zip
from cocomine.wording import counted, size_words


@click.command(
    cls=ResultCommand,
    examples=("cocomine zip export", "cocomine zip export --out giraffes.zip"),
)
@click.argument("folder", metavar="EXPORT", type=PATH)
@click.option(
    "--out",
    type=PATH,
    default=Path(),
    metavar="FILE",
    help="File to write, which is not there yet; or a folder, in which it is named after the recipe.",
)
def command(*, folder: Path, out: Path) -> Result:
    """Put an export into one zip file.

    The zip holds what the export's manifest names; files that somebody else put into the folder are left out. Images
    are stored as they are, texts are compressed. The same export gives the same file.
    """
    plan = plan_zip(folder, progress=show_progress("Files"))
    path = write_zip(plan, out, progress=show_progress("Bytes"))
    size, count = path.stat().st_size, len(plan.members)
    value = {"file": str(path), "size_bytes": size, "file_count": count}
    return Result(value=value, text=f"{path}: {counted(count, 'file')}, {size_words(size)}")
