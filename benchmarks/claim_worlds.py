"""Does the claim check find the effect that is there, and none that is not?

`python -m benchmarks.claim_worlds FOLDER` draws a planted and a control world again and again, each with new seeds, has
`cocomine claim` check them, and prints a table as Markdown. In the planted world mined images alone must hurt on the
natural mix in at least 9 of 10 repetitions; in the control world, and between an arm and itself with other seeds, an
interval may leave out zero in at most 1 of 10. Arm A sees twice as many images with the class as arm E: a small lead of
A in the control world is that exposure, and no interference. What is done is kept in FOLDER: the same command goes on.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.measuring import ROOT
from cocomine.claim.arms import ArmName
from cocomine.claim.number_words import with_interval
from cocomine.claim.records import RESULT, Difference, Result
from cocomine.demo.worlds import CLASS_NAME, World, WorldKind, write_world
from cocomine.system.files import write_text

SETTINGS = ("--no-longer", "--seeds", "3", "--steps", "150", "--size", "64", "--encoder", "small")
"""As the experiments that the protocol comes from."""
ARMS = (ArmName.SELECTED, ArmName.HALF, ArmName.AGAIN)
SEEDS_APART = 100
"""Between the seeds of two repetitions, so that no two runs have the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one repetition gave."""

    kind: WorldKind
    repetition: int
    half: Difference
    again: Difference


def main(arguments: Sequence[str] | None = None) -> int:
    """Check all worlds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repetitions", type=int, default=10)
    parser.add_argument("--out", type=Path, help="file for the table")
    options = parser.parse_args(arguments)
    rows = []
    for repetition in range(options.repetitions):
        for kind in WorldKind:
            result = checked(options.folder / f"{kind}-{repetition}", World(kind=kind, seed=repetition))
            rows.append(row_of(kind, repetition, result))
            print(line(rows[-1]), flush=True)
    if options.out:
        write_text(options.out, table(rows))
    print(table(rows))
    return 0


def checked(folder: Path, world: World, arms: Sequence[ArmName] = ARMS, more: Sequence[str] = ()) -> Result:
    """Draw a world, check it by the command line, and return what came out.

    Args:
        folder: Of the world, the check and a workspace; what is done in it is kept.
        world: Its seed is that of the draws, and the runs have seeds of their own.
        arms: That are compared.
        more: Options of `cocomine claim` besides.

    Raises:
        CalledProcessError: The check failed; its output is shown.
    """
    write_world(folder / "world", world)
    seed = str(SEEDS_APART * world.seed)
    named = ("--classes", CLASS_NAME, "--arms", ",".join(arms), "--seed", seed, "--run", str(folder / "check"))
    subprocess.run(
        [sys.executable, "-m", "cocomine", "claim", str(folder / "world"), *named, *SETTINGS, *more],
        cwd=ROOT,
        env=os.environ | {"COCOMINE_HOME": str(folder / "home")},
        stdout=sys.stderr,
        check=True,
    )
    return msgspec.json.decode((folder / "check" / RESULT).read_bytes(), type=Result)


def on_natural_mix(result: Result, second: ArmName) -> Difference:
    """Return how far arm A is ahead of another on ordinary images."""
    return next(
        each
        for each in result.differences
        if (each.comparison.second, each.comparison.test_set, each.what) == (second, "T2", "mean")
    )


def row_of(kind: WorldKind, repetition: int, result: Result) -> Row:
    """Return what one repetition gave."""
    half, again = (on_natural_mix(result, arm) for arm in (ArmName.HALF, ArmName.AGAIN))
    return Row(kind=kind, repetition=repetition, half=half, again=again)


def leaves_out_zero(difference: Difference) -> bool:
    """Whether the interval, as it is drawn, has zero outside."""
    low, high = difference.low, difference.high
    return low is not None and high is not None and not low <= 0 <= high


def is_below_zero(difference: Difference) -> bool:
    """Whether the whole interval is below zero."""
    return difference.high is not None and difference.high < 0


def line(row: Row) -> str:
    """Return a line of the table."""
    return f"| {row.kind} | {row.repetition} | {with_interval(row.half)} | {with_interval(row.again)} |"


def table(rows: Sequence[Row]) -> str:
    """Return all repetitions, and in how many of them what must be told was told, as Markdown."""
    planted, control = ([row for row in rows if row.kind is kind] for kind in WorldKind)
    found = sum(is_below_zero(row.half) for row in planted)
    false = sum(leaves_out_zero(row.half) for row in control)
    again = sum(leaves_out_zero(row.again) for row in rows)
    ordered = sorted(rows, key=lambda row: (row.kind is WorldKind.CONTROL, row.repetition))
    return "\n".join(
        [
            "mIoU on the natural mix in points: arm A (selected images only) less arm E (half without the class), and",
            "less itself with other seeds; 95 % intervals over images and seeds.",
            "",
            "| world | repetition | A − E | A − A2 |",
            "|---|--:|--:|--:|",
            *map(line, ordered),
            "",
            f"Planted world, A − E below zero: {found} of {len(planted)}. Control world, A − E without zero: "
            f"{false} of {len(control)}. Both, A − A2 without zero: {again} of {len(rows)}.",
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
