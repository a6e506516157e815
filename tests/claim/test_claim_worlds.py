"""In a world with a rival the check finds what the rival does, and the bench counts what was told."""

from pathlib import Path

import pytest
from judged_claims import made_difference as made

from benchmarks.claim_worlds import Row, checked, is_below_zero, on_natural_mix, table
from cocomine.claim.arms import ArmName
from cocomine.claim.records import Result
from cocomine.demo.worlds import World, WorldKind

ARMS = (ArmName.SELECTED, ArmName.HALF)
TEST_IMAGES = 300
FEW = {"train_image_count": 600, "val_image_count": TEST_IMAGES}
"""With 90 training images that have the class."""

FEWER = ("--train-images", "80", "--test-images", str(TEST_IMAGES))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_mined_images_alone_hurt_on_the_natural_mix_of_a_world_with_a_rival(tmp_path: Path) -> None:
    result = checked(tmp_path, World(kind=WorldKind.PLANTED, **FEW), ARMS, FEWER)
    difference = on_natural_mix(result, ArmName.HALF)
    assert difference.is_primary
    assert difference.image_count == TEST_IMAGES
    assert is_below_zero(difference)
    assert "hurt" in result.sentences[1]
    assert "takes other things for apple" in result.sentences[1]


def test_the_table_counts_what_was_told_and_what_was_not() -> None:
    rows = [
        Row(kind=WorldKind.PLANTED, repetition=0, half=made(-40, 9), again=made(1, 2)),
        Row(kind=WorldKind.CONTROL, repetition=0, half=made(0.5, 2.4), again=made(3, 2)),
        Row(kind=WorldKind.PLANTED, repetition=1, half=made(-4, 9), again=made(1, 2)),
    ]
    lines = table(rows).splitlines()
    assert lines[5:8] == [
        "| planted | 0 | −40.0 (−49.0 to −31.0) | +1.0 (−1.0 to +3.0) |",
        "| planted | 1 | −4.0 (−13.0 to +5.0) | +1.0 (−1.0 to +3.0) |",
        "| control | 0 | +0.5 (−1.9 to +2.9) | +3.0 (+1.0 to +5.0) |",
    ]
    assert lines[9] == (
        "Planted world, A − E below zero: 1 of 2. Control world, A − E without zero: 0 of 1. "
        "Both, A − A2 without zero: 1 of 3."
    )


def test_a_repetition_reads_the_natural_mix() -> None:
    result = Result(protocol_sha256="0" * 64, differences=(made(1, 2), made(2, 2, ArmName.AGAIN)), sentences=("",))
    assert on_natural_mix(result, ArmName.AGAIN).value == 2
