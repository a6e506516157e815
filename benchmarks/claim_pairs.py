"""Where do our measures rank the pairs of COCO that networks are known to mix up with their context?

`python -m benchmarks.claim_pairs ANNOTATIONS...` prints a table; nothing of it is stored. Overlap and contact are the
estimates from boxes.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from cocomine.claim.prediction import BIASED_PAIRS, MEASURES, Pair, Rank, pair_dilution, rank_of
from cocomine.coco.arrays import Floats, Ints
from cocomine.coco.dataset import Dataset
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.mining.interference.box_overlap import overlap_from_boxes
from cocomine.mining.interference.co_occurrence import pair_table
from cocomine.mining.statistics.categories import presence


def main(arguments: Sequence[str] | None = None) -> int:
    """Open the annotations and print the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("annotations", type=Path, nargs="+", help="annotation files, or one folder")
    dataset = open_dataset(*parser.parse_args(arguments).annotations)
    print(table(dataset))
    return 0


def table(dataset: Dataset) -> str:
    """Return for each pair its place among all ordered pairs, the highest first, by each measure, as Markdown."""
    values = measured(dataset)
    images = sum(len(split.images) for split in dataset.splits)
    lines = [
        f"Places among all pairs with a value, {images:,} images; below, how far up the list the pairs stand.",
        "",
        f"| pair | images with both | {' | '.join(MEASURES)} |",
        f"|---|--:|{'--:|' * len(MEASURES)}",
    ]
    counts = pair_table(presence(dataset), dataset.category_names).counts
    ranks = {pair: _ranks(values, dataset, pair) for pair in BIASED_PAIRS}
    lines += [_row(pair, counts, dataset, ranks[pair]) for pair in BIASED_PAIRS]
    shares = [_median_share([ranks[pair][name] for pair in BIASED_PAIRS]) for name in MEASURES]
    return "\n".join([*lines, f"| median, from the top | | {' | '.join(shares)} |"])


def measured(dataset: Dataset) -> dict[str, Floats]:
    """Return each measure of all pairs, (k, k)."""
    boxes = overlap_from_boxes(dataset)
    lift = pair_table(presence(dataset), dataset.category_names).cautious_lift
    return {"lift": lift, "overlap": boxes.overlap, "contact": boxes.contact, "dilution": pair_dilution(dataset)}


def _ranks(values: dict[str, Floats], dataset: Dataset, pair: Pair) -> dict[str, Rank | None]:
    return {name: rank_of(values[name], dataset.category_names, pair) for name in MEASURES}


def _row(pair: Pair, counts: Ints, dataset: Dataset, ranks: dict[str, Rank | None]) -> str:
    is_there = set(pair) <= set(dataset.category_names)
    both = f"{counts[tuple(map(dataset.category_index_of, pair))]:,}" if is_there else "–"
    places = (f"{rank.place:,} of {rank.pair_count:,}" if rank else "–" for rank in ranks.values())
    return f"| {pair[0]}, {pair[1]} | {both} | {' | '.join(places)} |"


def _median_share(ranks: Sequence[Rank | None]) -> str:
    shares = [rank.place / rank.pair_count for rank in ranks if rank]
    return f"{100 * float(np.median(shares)):.1f} %" if shares else "–"


if __name__ == "__main__":
    raise SystemExit(main())
