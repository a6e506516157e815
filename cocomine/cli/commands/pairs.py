"""`cocomine pairs`: which categories co-occur more or less often than expected by chance?"""

from collections.abc import Sequence
from typing import Any, Unpack

import click
import numpy as np

from cocomine.cli.datasets import DatasetOptions, dataset_options, named_dataset
from cocomine.cli.results import Result, ResultCommand
from cocomine.cli.selections import group_option
from cocomine.coco.class_groups import ClassGroup
from cocomine.coco.grouping import grouped
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.interference.ranking import strongest_pairs
from cocomine.mining.interference.sentences import pair_sentence
from cocomine.mining.statistics.categories import examined, presence

PAIRS_IN_TEXT = 20


@click.command(cls=ResultCommand, examples=("cocomine pairs coco", "cocomine pairs coco --json > pairs.json"))
@dataset_options()
@group_option
def command(*, group: tuple[ClassGroup, ...], **options: Unpack[DatasetOptions]) -> Result:
    """Compare every pair of categories with chance.

    Prints the 20 pairs furthest from chance; --json gives all of them as matrices: images with both, images
    expected, lift with its 95 % interval, conditional share, Jaccard and NPMI.
    """
    dataset = grouped(named_dataset(options), group)
    looked_for = examined(dataset) if dataset.is_federated else None
    table = pair_table(presence(dataset), dataset.category_names, examined=looked_for)
    value = {
        "image_count": table.image_count,
        "categories": list(table.names),
        "image_counts": table.image_counts.tolist(),
        "counts": table.counts.tolist(),
        "expected": _numbers(table.expected),
        "lift": _numbers(table.lift),
        "lift_low": _numbers(table.lift_low),
        "lift_high": _numbers(table.lift_high),
        "conditional_share": _numbers(table.conditional_share),
        "jaccard": _numbers(table.jaccard),
        "npmi": _numbers(table.npmi),
    }
    strongest = strongest_pairs(table)[:PAIRS_IN_TEXT]
    return Result(value=value, text="\n".join(pair_sentence(table, first, second) for first, second in strongest))


def _numbers(values: Any) -> list[list[float | None]]:
    """Return a matrix as lists, None for NaN."""
    rows: Sequence[Sequence[float]] = np.round(values, 6).tolist()
    return [[None if value != value else value for value in row] for row in rows]  # noqa: PLR0124 - NaN alone differs
