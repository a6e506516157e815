"""How is a dataset named on the command line?"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypedDict

import click

from cocomine.cli.results import show_reading
from cocomine.coco.dataset import Dataset
from cocomine.coco.image_folders import ImageFolders
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.workspace import workspace_from_environment

PATH = click.Path(path_type=Path)
"""Of a file or a folder; whether it is there is told by whoever opens it."""


class DatasetOptions(TypedDict):
    """What `dataset_options` adds to a command."""

    dataset: Path
    split: tuple[str, ...]
    image_folder: tuple[str, ...]
    linked_folder: tuple[Path, ...]


def dataset_options(*, required: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds DATASET and the options that say where its images are."""
    parameters = (
        click.argument("dataset", metavar="DATASET" if required else "[DATASET]", type=PATH, required=required),
        click.option("--split", multiple=True, metavar="NAME", help="Use this split only; may be repeated."),
        click.option(
            "--image-folder",
            multiple=True,
            metavar="[SPLIT=]PLACE",
            help="Where the images of a split are, or of all splits: a folder, or its address (s3://, gs://, az://, "
            "https://), from which images are fetched as they are needed. May be repeated.",
        ),
        click.option(
            "--linked-folder",
            multiple=True,
            metavar="PATH",
            type=PATH,
            help="Links among the images may lead here; links elsewhere are not followed. May be repeated.",
        ),
    )

    def with_parameters(function: Callable[..., Any]) -> Callable[..., Any]:
        for parameter in reversed(parameters):
            function = parameter(function)
        return function

    return with_parameters


def named_dataset(options: DatasetOptions) -> Dataset:
    """Open the dataset that the options name.

    Raises:
        DatasetError: it cannot be opened, or a folder is not there.
        AddressError: a folder's address cannot be read.
        SelectionError: there is no such split.
    """
    workspace = workspace_from_environment()
    return open_dataset(
        options["dataset"],
        splits=options["split"] or None,
        index=workspace.index,
        progress=show_reading,
        image_folders=ImageFolders.from_texts(
            options["image_folder"], options["linked_folder"], workspace.fetched_images
        ),
    )
