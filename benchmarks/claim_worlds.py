"""Does the claim check find the effect that is there, and none that is not?

`python -m benchmarks.claim_worlds FOLDER` draws a planted and a control world again and again, each with new seeds,
checks them as `cocomine claim` does, and prints a table as Markdown. In the planted world mined images alone must hurt
on the natural mix in at least 9 of 10 repetitions; in the control world an interval may leave out zero in at most 1 of
10, between arm A and arm E, and between arm A and itself with other seeds. What is done is kept in FOLDER: the same
command goes on.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.claim_runs import carried_out
from cocomine.claim.arms import ArmName
from cocomine.claim.number_words import plain_number, signed, with_interval
from cocomine.claim.records import ClaimSettings, Difference, Result
from cocomine.coco.reading.open_dataset import open_dataset
from cocomine.demo.worlds import CLASS_NAME, World, WorldKind, write_world
from cocomine.system.files import write_text

ARMS = {
    WorldKind.PLANTED: (ArmName.SELECTED, ArmName.HALF),
    WorldKind.CONTROL: (ArmName.SELECTED, ArmName.HALF, ArmName.AGAIN),
}
STEPS, SIZE_PX = 150, 32
POSITIVES = 60
"""Training images with the class of each arm; arm E has as many without it besides."""
TRAIN_IMAGES, TEST_IMAGES = 440, 300
"""Of a world: its share of the class is enough for `POSITIVES` and some to validate on."""
SEEDS_APART = 100
"""Between the seeds of two repetitions, so that no two runs have the same."""
WORLD, CHECK, HOME = "world", "check", "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one repetition gave; arm A against itself in control worlds alone."""

    kind: WorldKind
    repetition: int
    half: Difference
    again: Difference | None = None


def main(arguments: Sequence[str] | None = None) -> int:
    """Check all worlds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--out", type=Path, help="file for the table")
    options = parser.parse_args(arguments)
    use_workspace(options.folder)
    rows = []
    for repetition in range(options.repetitions):
        for kind, arms in ARMS.items():
            world = bench_world(kind, repetition)
            result = checked(options.folder / f"{kind}-{repetition}", world, settings_of(world, arms))
            rows.append(row_of(kind, repetition, result))
            print(line(rows[-1]), flush=True)
    if options.out:
        write_text(options.out, table(rows))
    print(table(rows))
    return 0


def use_workspace(folder: Path) -> None:
    """Keep what runs share in a folder of their own, and not in the person's workspace."""
    os.environ["COCOMINE_HOME"] = str(folder / HOME)


def bench_world(kind: WorldKind, seed: int) -> World:
    """Return a world that is as small as the check can do with."""
    return World(kind=kind, seed=seed, train_image_count=TRAIN_IMAGES, val_image_count=TEST_IMAGES)


def settings_of(world: World, arms: Sequence[ArmName]) -> ClaimSettings:
    """Return how a world is checked; the runs have seeds of their own in each world."""
    return ClaimSettings(
        classes=(CLASS_NAME,),
        arms=tuple(arms),
        steps=STEPS,
        is_trained_longer=False,
        size_px=SIZE_PX,
        train_image_count=POSITIVES,
        test_image_count=world.val_image_count,
        equal="positives",
        seed=SEEDS_APART * world.seed,
    )


def checked(folder: Path, world: World, settings: ClaimSettings) -> Result:
    """Draw a world, check it, and return what came out.

    Args:
        folder: Of the world and the check; what is done in it is kept.
        world: What is drawn.
        settings: See `settings_of`.
    """
    write_world(folder / WORLD, world)
    return carried_out(folder / CHECK, open_dataset(folder / WORLD), settings)


def on_natural_mix(result: Result, second: ArmName) -> Difference:
    """Return how far arm A is ahead of another on ordinary images."""
    return next(
        each
        for each in result.differences
        if (each.comparison.second, each.comparison.test_set, each.what) == (second, "T2", "mean")
    )


def row_of(kind: WorldKind, repetition: int, result: Result) -> Row:
    """Return what one repetition gave."""
    again = on_natural_mix(result, ArmName.AGAIN) if ArmName.AGAIN in ARMS[kind] else None
    return Row(kind=kind, repetition=repetition, half=on_natural_mix(result, ArmName.HALF), again=again)


def leaves_out_zero(difference: Difference) -> bool:
    """Whether the interval, as it is drawn, has zero outside."""
    low, high = difference.low, difference.high
    return low is not None and high is not None and not low <= 0 <= high


def is_below_zero(difference: Difference) -> bool:
    """Whether the whole interval is below zero."""
    return difference.high is not None and difference.high < 0


def line(row: Row) -> str:
    """Return a line of the table."""
    scores = (plain_number(score) for score in (row.half.first, row.half.second))
    differences = ("" if each is None else with_interval(each) for each in (row.half, row.again))
    return f"| {' | '.join((row.kind, str(row.repetition), *scores, *differences))} |"


def table(rows: Sequence[Row]) -> str:
    """Return all repetitions, and in how many of them what must be told was told, as Markdown."""
    ordered = sorted(rows, key=lambda row: (row.kind is WorldKind.CONTROL, row.repetition))
    return "\n".join(
        [
            "mIoU on the natural mix in points: arm A (selected images only), arm E (half without the class), their",
            "difference, and that of arm A and itself with other seeds; 95 % intervals over images and seeds.",
            "",
            "| world | repetition | A | E | A − E | A − A2 |",
            "|---|--:|--:|--:|--:|--:|",
            *map(line, ordered),
            "",
            *_counts(rows),
            "",
        ]
    )


def _counts(rows: Sequence[Row]) -> list[str]:
    planted, control = ([row.half for row in rows if row.kind is kind] for kind in WorldKind)
    again = [row.again for row in rows if row.again is not None]
    return [
        f"Planted world, A − E below zero: {sum(map(is_below_zero, planted))} of {len(planted)}.",
        f"Control world, A − E without zero: {_told_words(control)}",
        f"Control world, A − A2 without zero: {_told_words(again)}",
    ]


def _told_words(differences: Sequence[Difference]) -> str:
    told = f"{sum(map(leaves_out_zero, differences))} of {len(differences)}"
    return f"{told}{_on_average(differences)}."


def _on_average(differences: Sequence[Difference]) -> str:
    """Return what the differences and the half widths of their intervals are on average, in words."""
    reaches = [(each.high - each.low) / 2 for each in differences if each.low is not None and each.high is not None]
    if not reaches:
        return ""
    value = sum(each.value for each in differences) / len(differences)
    return f"; {signed(value)} on average, the intervals reach ±{plain_number(sum(reaches) / len(reaches))}"


if __name__ == "__main__":
    raise SystemExit(main())
