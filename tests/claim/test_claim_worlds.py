"""In a world with a rival the check finds what the rival does, in one without it finds nothing; the bench counts it."""

from pathlib import Path

import pytest
from judged_claims import made_difference as made

from benchmarks.claim_worlds import (
    TEST_IMAGES,
    Row,
    bench_world,
    checked,
    is_below_zero,
    leaves_out_zero,
    on_natural_mix,
    settings_of,
    table,
)
from cocomine.claim.arms import ArmName
from cocomine.claim.records import Result
from cocomine.demo.worlds import WorldKind

ARMS = (ArmName.SELECTED, ArmName.HALF)


def repetition(folder: Path, kind: WorldKind) -> Result:
    """The first of those of the bench, without arm A2."""
    world = bench_world(kind, 0)
    return checked(folder, world, settings_of(world, ARMS))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_mined_images_alone_hurt_on_the_natural_mix_of_a_world_with_a_rival(tmp_path: Path) -> None:
    result = repetition(tmp_path, WorldKind.PLANTED)
    difference = on_natural_mix(result, ArmName.HALF)
    assert difference.is_primary
    assert difference.image_count == TEST_IMAGES
    assert is_below_zero(difference)
    assert "hurt" in result.sentences[1]
    assert "takes other things for apple" in result.sentences[1]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_no_difference_is_told_in_a_world_without_a_rival(tmp_path: Path) -> None:
    result = repetition(tmp_path, WorldKind.CONTROL)
    difference = on_natural_mix(result, ArmName.HALF)
    assert difference.first > 50  # both see the apples
    assert difference.second > 50
    assert not leaves_out_zero(difference)
    assert "No difference can be told" in result.sentences[1]


def test_the_table_counts_what_was_told_and_what_was_not() -> None:
    rows = [
        Row(kind=WorldKind.PLANTED, repetition=0, half=made(-40, 9)),
        Row(kind=WorldKind.CONTROL, repetition=0, half=made(0.5, 2.4), again=made(3, 2)),
        Row(kind=WorldKind.PLANTED, repetition=1, half=made(-4, 9)),
        Row(kind=WorldKind.CONTROL, repetition=1, half=made(-0.9, 1.6), again=made(1, 2)),
    ]
    lines = table(rows).splitlines()
    assert lines[5:9] == [
        "| planted | 0 | 10.0 | 50.0 | −40.0 (−49.0 to −31.0) |  |",
        "| planted | 1 | 46.0 | 50.0 | −4.0 (−13.0 to +5.0) |  |",
        "| control | 0 | 50.5 | 50.0 | +0.5 (−1.9 to +2.9) | +3.0 (+1.0 to +5.0) |",
        "| control | 1 | 49.1 | 50.0 | −0.9 (−2.5 to +0.7) | +1.0 (−1.0 to +3.0) |",
    ]
    assert lines[10:13] == [
        "Planted world, A − E below zero: 1 of 2.",
        "Control world, A − E without zero: 0 of 2; −0.2 on average, the intervals reach ±2.0.",
        "Control world, A − A2 without zero: 1 of 2; +2.0 on average, the intervals reach ±2.0.",
    ]


def test_a_repetition_reads_the_natural_mix() -> None:
    result = Result(protocol_sha256="0" * 64, differences=(made(1, 2), made(2, 2, ArmName.AGAIN)), sentences=("",))
    assert on_natural_mix(result, ArmName.AGAIN).value == 2
