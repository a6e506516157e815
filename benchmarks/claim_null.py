"""How often does the claim check tell runs apart that differ in nothing but their seed?

`python -m benchmarks.claim_null FOLDER` trains arm A of a control world with eight seeds, compares each three of the
runs with each other three, as a check of three seeds does, and prints in how many comparisons a difference would be
claimed: at most 7 % may be. Beside it stands what an interval over images alone would claim, the obvious way. What is
done is kept in FOLDER: the same command goes on.
"""

import argparse
from collections.abc import Sequence
from itertools import combinations
from math import sqrt
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.claim_worlds import CHECK, bench_world, checked, settings_of, use_workspace
from cocomine.claim.arms import ArmName
from cocomine.claim.counts import ArmCounts
from cocomine.claim.counts_file import arm_counts
from cocomine.claim.judging import images_of
from cocomine.claim.protocol import read_protocol
from cocomine.claim.statistics import BoolArray, Estimate, Scores, difference, iou_scores
from cocomine.demo.worlds import WorldKind
from cocomine.errors import ClaimError

SEEDS_OF_EACH = 4
"""Of the arms A and A2, which are the same but for their seeds: eight runs."""
COMPARED = 3
"""Runs on each side of a comparison."""
Z = 1.96
"""Of an interval that takes its spread for known, as one over images alone is usually made."""
HIGHEST_P = 0.05


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the runs and print what would be claimed of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1_000, help="of the world")
    options = parser.parse_args(arguments)
    use_workspace(options.folder)
    world = bench_world(WorldKind.CONTROL, options.seed)
    settings = settings_of(world, (ArmName.SELECTED, ArmName.AGAIN))
    checked(options.folder, world, msgspec.structs.replace(settings, seed_count=SEEDS_OF_EACH))
    print(summary(*runs_that_differ_in_seed(options.folder / CHECK)))
    return 0


def runs_that_differ_in_seed(claim: Path) -> tuple[ArmCounts, BoolArray]:
    """Return what the runs of the arms A and A2 of a check predicted, as one arm, and which test images are natural."""
    protocol = read_protocol(claim)
    counts = arm_counts(claim, protocol)
    first, again = (counts[name, protocol.settings.steps] for name in (ArmName.SELECTED, ArmName.AGAIN))
    together = ArmCounts(
        arm=first.arm,
        steps=first.steps,
        seeds=(*first.seeds, *again.seeds),
        right=np.concatenate([first.right, again.right]),
        predicted=np.concatenate([first.predicted, again.predicted]),
        true=first.true,
    )
    return together, images_of(protocol.test, "T2")


def null_differences(counts: ArmCounts, images: BoolArray) -> list[Estimate]:
    """Return the differences of all `COMPARED` against `COMPARED` other runs: all of it is chance."""
    scores = {chosen: _scores(counts, chosen, images) for chosen in combinations(range(len(counts.seeds)), COMPARED)}
    pairs = [(one, other) for one, other in combinations(scores, 2) if not set(one) & set(other)]
    return [difference(scores[one], scores[other]) for one, other in pairs]


def is_claimed(estimate: Estimate) -> bool:
    """Whether an interval over images and seeds leaves out zero."""
    return estimate.p is not None and estimate.p < HIGHEST_P


def is_claimed_by_images(estimate: Estimate) -> bool:
    """Whether an interval over images alone leaves out zero."""
    return abs(estimate.value) > Z * estimate.image_error / sqrt(estimate.image_count)


def summary(counts: ArmCounts, images: BoolArray) -> str:
    """Return how many comparisons would be claimed, in a sentence."""
    found = null_differences(counts, images)
    claimed, by_images = (sum(map(rule, found)) for rule in (is_claimed, is_claimed_by_images))
    by_run = ", ".join(f"{score:.1f}" for score in _scores(counts, range(len(counts.seeds)), images).by_seed)
    return (
        f"{len(counts.seeds)} runs that differ in seed only, mIoU {by_run}: of {len(found)} comparisons of {COMPARED} "
        f"with {COMPARED} others {claimed} would be claimed ({claimed / len(found):.1%}); by an interval over images "
        f"alone {by_images} ({by_images / len(found):.1%})."
    )


def _scores(counts: ArmCounts, chosen: Sequence[int], images: BoolArray) -> Scores:
    picked = list(chosen)
    scores = iou_scores(
        ArmCounts(
            arm=counts.arm,
            steps=counts.steps,
            seeds=tuple(counts.seeds[each] for each in picked),
            right=counts.right[picked],
            predicted=counts.predicted[picked],
            true=counts.true,
        ),
        images,
    )
    if scores is None:
        raise ClaimError("No test image has a true pixel. Draw a world with more images.")
    return scores


if __name__ == "__main__":
    raise SystemExit(main())
