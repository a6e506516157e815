"""`cocomine stats`: how many images and objects does each category have?"""

from dataclasses import asdict
from typing import Unpack

import click

from cocomine.cli.datasets import DatasetOptions, dataset_options, named_dataset
from cocomine.cli.results import Result, ResultCommand, one_line
from cocomine.cli.selections import group_option
from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.grouping import grouped
from cocomine.mining.statistics.categories import category_statistics


@click.command(
    cls=ResultCommand,
    examples=(
        "cocomine stats coco",
        "cocomine stats coco --group vehicle=car,bus,truck",
        "cocomine stats coco --json > categories.json",
    ),
)
@dataset_options()
@group_option
def command(*, group: tuple[ClassGroup, ...], **options: Unpack[DatasetOptions]) -> Result:
    """Count the images and objects of every category.

    Crowd regions count as images of a category and are listed apart from its objects; --json adds sizes, shapes and
    counts per image.
    """
    statistics = category_statistics(grouped(named_dataset(options), group))
    header = f"{'category':24}{'id':>6}{'images':>10}{'objects':>10}{'crowds':>8}"
    lines = [
        f"{one_line(s.name):24}{s.id:6}{s.image_count:10,}{s.instance_count:10,}{s.crowd_count:8,}" for s in statistics
    ]
    return Result(value=[asdict(entry) for entry in statistics], text="\n".join([header, *lines]))
