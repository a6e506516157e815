"""`cocomine erase`: does a network find one class by another, or is it disturbed by it?"""

from pathlib import Path

import click
import msgspec

from cocomine.claim.erase_test import erase_classes
from cocomine.claim.erasure import ErasedPair, ErasureResult
from cocomine.cli.datasets import PATH
from cocomine.cli.results import Result, ResultCommand, show_progress
from cocomine.wording import counted


@click.command(cls=ResultCommand, examples=("cocomine erase run", "cocomine erase run --image-limit 500 --json"))
@click.argument("run", metavar="RUN", type=PATH)
@click.option(
    "--image-limit", type=click.IntRange(min=1), metavar="N", help="Look at no more validation images than that."
)
def command(*, run: Path, image_limit: int | None) -> Result:
    """Erase each class from the validation images of a run, and measure what the network misses.

    RUN is the folder of a run that has been evaluated. Objects of one class at a time are filled with their
    surroundings, and so is an equal area elsewhere. Where the IoU of another class falls, the network found it by the
    erased one; where it rises, that one disturbed it. The numbers are of this network alone.
    """
    result = erase_classes(run, show_progress("Images"), image_limit=image_limit)
    return Result(value=msgspec.to_builtins(result), text=_text(result))


def _text(result: ErasureResult) -> str:
    judged = [pair for pair in result.pairs if pair.ring is not None]
    told = [pair for pair in judged if pair.is_told]
    head = (
        f"{result.run}: {counted(result.image_count, 'image')} at {result.size_px} px, {counted(len(judged), 'pair')} "
        f"of {len(result.pairs):,} with enough images; {counted(len(told), 'change')} can be told from chance"
    )
    return "\n".join([head, *(_line(pair) for pair in sorted(told, key=lambda each: -abs(_points(each))))])


def _points(pair: ErasedPair) -> float:
    return 0.0 if pair.ring is None else 100 * pair.ring.value


def _line(pair: ErasedPair) -> str:
    effect = "was disturbed by it" if _points(pair) > 0 else "was found by it"
    low, high = (0.0, 0.0) if pair.ring is None else (100 * pair.ring.low, 100 * pair.ring.high)
    return (
        f"without {pair.erased}: {pair.measured} {_points(pair):+.1f} points (95 %: {low:+.1f} to {high:+.1f}), "
        f"on {counted(pair.image_count, 'image')}; {pair.measured} {effect}"
    )
