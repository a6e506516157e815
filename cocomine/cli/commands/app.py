"""`cocomine app`: the same work by clicking."""

from pathlib import Path

import click

from cocomine.cli.datasets import PATH
from cocomine.cli.results import HelpfulCommand
from cocomine.server.launching import serve


@click.command(
    cls=HelpfulCommand,
    examples=("cocomine app", "cocomine app --data coco", "cocomine app --port 9000 --no-browser"),
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port; without it 8501, or the next one that is free.")
@click.option("--data", "dataset", type=PATH, metavar="DATASET", help="Dataset to open: a folder or annotation file.")
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
def command(*, port: int | None, dataset: Path | None, no_browser: bool) -> int:
    """Open CocoMine in the browser.

    The app answers on this computer alone, until Ctrl-C stops it. Relative paths that are typed in it begin in your
    home folder.
    """
    serve(port=port, dataset=dataset, opens_browser=not no_browser)
    return 0
