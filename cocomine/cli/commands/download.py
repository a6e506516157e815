"""`cocomine download`: the images of a dataset that are not on disk."""

from pathlib import Path
from typing import Any, Unpack

import click

from cocomine.cli.choices import EnumChoice, Names
from cocomine.cli.datasets import PATH, DatasetOptions, dataset_options, named_dataset
from cocomine.cli.downloads import bring_images, host_options, permission_of
from cocomine.cli.results import Result, ResultCommand
from cocomine.coco.arrays import Ints
from cocomine.coco.dataset import Dataset
from cocomine.downloading.plan import DownloadPlan, plan_download
from cocomine.downloading.report import DownloadReport
from cocomine.errors import SelectionError
from cocomine.mining.selection.selection import Mode, Selection, select
from cocomine.mining.selection.serialisation import without_unknown_names
from cocomine.wording import MODE_NAMES


class DownloadOptions(DatasetOptions):
    """Which images are wanted."""

    classes: tuple[str, ...]
    exclude: tuple[str, ...]
    mode: Mode
    licence: tuple[str, ...]


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
@click.option(
    "--classes",
    type=Names(),
    default=(),
    show_default=False,
    metavar="A,B",
    help="Only images that a selection of these classes takes.",
)
@click.option(
    "--exclude", type=Names(), default=(), show_default=False, metavar="C,D", help="Classes that no image may contain."
)
@click.option(
    "--mode",
    type=EnumChoice(Mode),
    default=str(Mode.ANY),
    help=f"Images containing: {', '.join(MODE_NAMES.values())}.",
)
@click.option("--licence", multiple=True, metavar="NAME", help="Only images under this licence; may be repeated.")
@click.option("--to", type=PATH, metavar="DIR", help="Put them into DIR/SPLIT; else where the dataset's images are.")
@host_options
def command(
    *, to: Path | None, allow_host: tuple[str, ...], allow_http: tuple[str, ...], **options: Unpack[DownloadOptions]
) -> Result:
    """Download images that are not on disk.

    From COCO's hosts, or from others that are allowed. Each image is checked before it gets its name. The same command
    again fetches what did not come. Exit 1: an image is still missing.
    """
    permission = permission_of(allow_host, allow_http)
    dataset = named_dataset(options)
    plan = plan_download(dataset, _selected(dataset, options), root=to and to.absolute())
    report = bring_images(plan, permission)
    return Result(value=_value(plan, report), text=_text(plan, report), is_well=report.is_complete)


def _selected(dataset: Dataset, options: DownloadOptions) -> dict[str, Ints] | None:
    """Return by split the positions of the images that the options select; None where they do not say."""
    if not options["classes"]:
        if options["exclude"] or options["licence"]:
            raise SelectionError("Name --classes as well: --exclude and --licence narrow their images.")
        return None
    selection = Selection(
        classes=options["classes"],
        excluded_classes=options["exclude"],
        mode=options["mode"],
        licences=options["licence"] or None,
    )
    selection, unknown = without_unknown_names(selection, dataset)
    if unknown:
        raise SelectionError(" ".join(unknown))
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
