"""`cocomine download`: the images of a dataset that are not on disk."""

from pathlib import Path
from typing import Any, Unpack

import click

from cocomine.cli.datasets import PATH, DatasetOptions, dataset_options, named_dataset
from cocomine.cli.downloads import bring_images, host_options, permission_of
from cocomine.cli.results import Result, ResultCommand
from cocomine.cli.selections import SelectionOptions, chosen_selection, selection_options
from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.downloading.plan import DownloadPlan, plan_download
from cocomine.downloading.report import DownloadReport
from cocomine.errors import SelectionError
from cocomine.mining.selection.selection import select

NARROWING = ("exclude", "group", "licence", "min_area", "cap", "balance", "negatives")


class DownloadOptions(DatasetOptions, SelectionOptions):
    """Which images are wanted."""

    seed: int


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine download instances_val2017.json --classes giraffe,bus",
        "cocomine download coco --split val2017",
        "cocomine download coco --classes giraffe --to images",
        "cocomine download mine.json --allow-host images.example.org",
    ),
)
@dataset_options()
@selection_options
@click.option("--seed", type=int, default=0, help="Of the images that limits draw.")
@click.option("--to", type=PATH, metavar="DIR", help="Put them into DIR/SPLIT; else where the dataset's images are.")
@host_options
def command(
    *, to: Path | None, allow_host: tuple[str, ...], allow_http: tuple[str, ...], **options: Unpack[DownloadOptions]
) -> Result:
    """Download images that are not on disk.

    Those of a selection where --classes are named, else all. They come from COCO's hosts, or from others that are
    allowed. Each image is checked before it gets its name. The same command again fetches what did not come. Exit 1:
    an image is still missing.
    """
    permission = permission_of(allow_host, allow_http)
    dataset = named_dataset(options)
    plan = plan_download(dataset, _selected(dataset, options), root=to and to.absolute())
    report = bring_images(plan, permission)
    return Result(value=_value(plan, report), text=_text(plan, report), is_well=report.is_complete)


def _selected(dataset: Dataset, options: DownloadOptions) -> dict[str, Ints] | None:
    """Return by split the positions of the images that the options select; None where they do not say."""
    if not options["classes"]:
        if any(options[name] for name in NARROWING):  # type: ignore[literal-required]
            raise SelectionError("Name --classes as well: the other options of a selection only narrow their images.")
        return None
    selection = chosen_selection(options, dataset, seed=options["seed"])
    return {part.split.name: part.image_index for part in select(dataset, selection).parts}


def _value(plan: DownloadPlan, report: DownloadReport) -> dict[str, Any]:
    return {
        "folders": [str(folder) for folder in plan.folders],
        "fetched": report.fetched,
        "kept": report.kept,
        "there": report.there,
        "received_bytes": report.received_bytes,
        "failures": [{"image": each.name, "reason": each.reason} for each in report.failures],
    }


def _text(plan: DownloadPlan, report: DownloadReport) -> str:
    if not plan.images and report.is_complete:
        return "No image is missing."
    return f"{', '.join(map(str, plan.folders))}: {report.sentence}" if plan.folders else report.sentence
