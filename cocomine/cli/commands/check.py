"""`cocomine check`: what is wrong with a dataset?"""

from typing import Unpack

import click

from cocomine.cli.datasets import DatasetOptions, dataset_options, named_dataset
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.coco.columns import FileKind
from cocomine.coco.dataset import Dataset
from cocomine.coco.findings import Finding, by_weight
from cocomine.coco.flaws import SEVERITY_WORDS
from cocomine.coco.integrity.image_files import image_file_report, sampled_image_file_report
from cocomine.coco.integrity.report import integrity_report
from cocomine.coco.reading.file_kinds import HOLDS
from cocomine.wording import counted


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine check coco",
        "cocomine check instances_val2017.json --images",
        "cocomine check coco --split val2017 --json",
    ),
)
@dataset_options()
@click.option("--images", is_flag=True, help="Read every image file; without it, the headers of up to 64.")
def command(*, images: bool, **options: Unpack[DatasetOptions]) -> Result:
    """Report a dataset's health: errors, warnings, info.

    Each finding says how often it occurs, where, and how CocoMine handles it.
    """
    dataset = named_dataset(options)
    files = image_file_report(dataset, show_progress("Images")) if images else sampled_image_file_report(dataset)
    findings = by_weight([*integrity_report(dataset), *files])
    value = {
        "kind": "+".join(sorted({split.kind for split in dataset.splits})),
        "image_count": dataset.image_count,
        "annotation_count": dataset.annotation_count,
        "category_count": len(dataset.categories),
        "findings": [finding.as_json() for finding in findings],
    }
    return Result(value=value, text="\n".join([*_heading(dataset), *_finding_lines(findings)]))


def _heading(dataset: Dataset) -> list[str]:
    """Return the counts, then what the splits hold, those of one kind in one line."""
    names: dict[FileKind, list[str]] = {}
    for split in dataset.splits:
        names.setdefault(split.kind, []).append(split.name)
    return [
        f"{counted(dataset.image_count, 'image')}, {counted(dataset.annotation_count, 'annotation')}, "
        f"{counted(len(dataset.categories), 'category')} in {', '.join(split.name for split in dataset.splits)}",
        *(f"{', '.join(alike)}: {HOLDS[kind]}" for kind, alike in names.items()),
    ]


def _finding_lines(findings: list[Finding]) -> list[str]:
    lines: list[str] = []
    for severity, words in SEVERITY_WORDS.items():
        alike = [found for found in findings if found.severity is severity]
        lines += [f"{words}:", *map(_finding_text, alike)] if alike else []
    return lines or ["No problems found."]


def _finding_text(found: Finding) -> str:
    return (
        f"  {found.split}: {found.title}: {found.count:,} [{found.code}]\n"
        f"    {found.message} {found.action} ({', '.join(found.examples)})"
    )
