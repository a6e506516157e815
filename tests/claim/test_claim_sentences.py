"""No sentence claims what its interval does not allow."""

import re

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judged_claims import STEPS, Skill, made_counts, made_protocol, made_test_images
from judged_claims import made_difference as made

from cocomine.claim.arms import ArmName
from cocomine.claim.judging import judge
from cocomine.claim.records import Difference, Protocol, Result
from cocomine.claim.sentences import answer, is_claimed, more_words
from cocomine.claim.statistics import Spread, half_width

A, E, C, AGAIN = ArmName.SELECTED, ArmName.HALF, ArmName.ALL, ArmName.AGAIN
CLAIMS = re.compile(r"helped|hurt|makes more|makes fewer|takes other things|fails|shrink it|change it")
"""What only a told difference may be called."""


def on(difference: Difference, **comparison: object) -> Difference:
    return msgspec.structs.replace(difference, comparison=msgspec.structs.replace(difference.comparison, **comparison))


def sentences(*differences: Difference, protocol: Protocol | None = None, **fields: object) -> tuple[str, ...]:
    result = Result(protocol_sha256="0" * 64, differences=differences, sentences=())
    return answer(protocol or made_protocol(), msgspec.structs.replace(result, **fields))


T1, T2 = made(5.3, 2.0), made(-39.9, 9.0)
ALARMS = on(made(79, 9, what="false alarms", first=87.0, second=8.0), test_set="T0")


def test_a_told_difference_looks_like_an_effect_with_three_seeds() -> None:
    found = sentences(on(T1, test_set="T1"), T2, ALARMS)
    assert found[0] == (
        "On images with apple it looks like training on selected images only helped: "
        "+5.3 points (+3.3 to +7.3) against “half without the classes”."
    )
    assert found[1] == (
        "On the natural mix it looks like training on selected images only hurt: −39.9 points (−48.9 to −30.9) "
        "against “half without the classes”. It takes other things for apple (87 against 8.0 pixels an image)."
    )


def test_with_five_seeds_it_is_one() -> None:
    (_, found, *_) = sentences(msgspec.structs.replace(T2, seed_count=5))
    assert found == (
        "On the natural mix, training on selected images only hurt: it changed mIoU by −39.9 points (−48.9 to −30.9) "
        "against “half without the classes”."
    )


def test_what_cannot_be_told_comes_with_the_images_that_would() -> None:
    (_, found, *_) = sentences(made(1.5, 1.85))
    assert found == (
        "No difference can be told on the natural mix: +1.5 points (−0.4 to +3.4) against “half without the classes”. "
        "About 2,500 more test images would show 1.5 points."
    )


@given(
    value=st.floats(-5, 5),
    spread=st.builds(Spread, images=st.floats(1, 40), seeds_first=st.floats(0.1, 8), seeds_second=st.floats(0.1, 8)),
)
def test_what_would_tell_a_difference_does(value: float, spread: Spread) -> None:
    undecided = made(
        value,
        half_width(spread, 700, 3),
        image_error=spread.images,
        seed_error_first=spread.seeds_first,
        seed_error_second=spread.seeds_second,
    )
    words = more_words(undecided)
    if abs(value) >= half_width(spread, 700, 3) or not (more := re.search(r"bout ([\d,]+) (more|seeds)", words)):
        return
    count, points = int(more[1].replace(",", "")), float(words.split()[-2])
    images, seeds = (700 + count, 3) if more[2] == "more" else (700, count)
    assert half_width(spread, images, seeds) <= 1.06 * points, "two digits of a count may fall short by 5 %"


def test_where_seeds_are_too_far_apart_more_images_are_not_asked_for() -> None:
    undecided = made(2.0, 9.0, seed_error_first=4.0, seed_error_second=4.0)
    assert (
        more_words(undecided) == "More test images cannot tell this; about 9 seeds instead of 3 would show 4.5 points."
    )


def test_where_neither_alone_can_tell_both_are_said() -> None:
    undecided = made(2.0, 9.0, image_error=90.0, seed_error_first=4.0, seed_error_second=4.0)
    assert more_words(undecided) == "More test images alone cannot tell 4.5 points, nor can more seeds alone."


@pytest.mark.parametrize(("reach", "seed_count"), [(1.0, 2), (None, 1)])
def test_fewer_than_three_seeds_tell_nothing(reach: float | None, seed_count: int) -> None:
    (_, found, *others) = sentences(made(5, reach, seed_count=seed_count))
    assert found.startswith("Nothing can be told on the natural mix: +5.0 points")
    assert "at least 3 are needed" in found
    assert not CLAIMS.search(" ".join(others))


def test_a_difference_that_chance_makes_among_many_is_not_told() -> None:
    (found, *_) = sentences(on(made(5, 2, p=0.03, p_corrected=0.4), test_set="T1"))
    assert found == (
        "No difference can be told on images with apple: +5.0 points (+3.0 to +7.0) against “half without the "
        "classes”. Of 1 difference looked at, chance alone makes one like it."
    )


def test_test_images_without_the_class_tell_nothing() -> None:
    assert sentences()[1] == "Nothing can be told on the natural mix: no pixel of the selected classes is there."


def speed(early: Difference, late: Difference, change: Difference) -> str:
    three = (
        on(early, test_set="T1", second=C),
        on(late, test_set="T1", second=C, steps=3 * STEPS),
        on(msgspec.structs.replace(change, what="learning speed"), test_set="T1", second=C),
    )
    return " ".join(each for each in sentences(*three) if "hree times" in each)


def test_a_lead_that_shrinks_to_what_cannot_be_told_was_learning_speed() -> None:
    assert speed(made(8.9, 3.3), made(2.6, 3.3), made(6.3, 3)) == (
        "Three times the steps shrink it from +8.9 to +2.6 (−0.7 to +5.9): the all-class network was slower; "
        "that it was disturbed cannot be told."
    )


def test_a_lead_that_is_left_was_learning_speed_in_part() -> None:
    assert "part of it" in speed(made(8.9, 3.3), made(4, 1), made(4.9, 3))


def test_a_lead_that_may_not_have_shrunk_is_not_called_learning_speed() -> None:
    assert "whether it shrinks cannot be told" in speed(made(8.9, 3.3), made(2.6, 3.3), made(6.3, 7))


@pytest.mark.parametrize("early", [made(8.9, 9.3), made(-8.9, 3.3)])
def test_without_a_lead_there_is_nothing_to_shrink(early: Difference) -> None:
    assert speed(early, made(2.6, 3.3), made(6.3, 3)) == ""


def test_false_alarms_are_told_where_the_mix_does_not_tell_them() -> None:
    assert (
        "On images without apple, it looks like training on selected images only makes more false alarms than "
        "“half without the classes”: 87 against 8.0 pixels an image."
    ) in sentences(made(-1, 5), ALARMS)


def test_equal_arms_that_differ_are_said_to() -> None:
    protocol = made_protocol(arms=(A, E, AGAIN))
    assert any("The check of the check fails" in each for each in sentences(made(5, 1, AGAIN), protocol=protocol))
    assert not any("The check of the check" in each for each in sentences(made(5, 6, AGAIN), protocol=protocol))


def test_what_limits_the_answer_is_said() -> None:
    test = made_test_images(3)
    has = tuple((a, False, c and not natural) for (a, _, c), natural in zip(test.has, test.is_natural, strict=True))
    protocol = made_protocol(classes=("apple", "boat", "cup"), test=msgspec.structs.replace(test, has=has))
    said = sentences(made(1, 2), protocol=protocol, absent_classes=("boat",), ignored_share=0.0213)
    assert said[-4:] == (
        "Training images with a selected class: 100 of “selected images only”, 50 of “half without the classes”.",
        "Without a pixel in the test images, and so not scored: boat.",
        "Not in the natural mix, and so not scored there: cup.",
        "2.1 % of the classes' pixels are not judged: there the label rules of the arms differ.",
    )


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32 - 1), seed_count=st.integers(1, 6), spread=st.floats(0, 0.1), lead=st.floats(-0.2, 0.2)
)
def test_no_sentence_claims_an_effect_whose_interval_holds_zero(
    seed: int, seed_count: int, spread: float, lead: float
) -> None:
    """Whatever the counts: as many claims as there are told differences, and none of one that is not told."""
    arms = (A, E, C, AGAIN, ArmName.MERGED)
    protocol = made_protocol(arms=arms, seed_count=seed_count, test=made_test_images(image_count=60))
    ahead = Skill(found=0.5 + lead, found_later=0.5, seed_spread=spread, false_px=20)
    skills = {A: ahead, AGAIN: ahead, E: Skill(found=0.5, seed_spread=spread), C: Skill(found=0.5, seed_spread=spread)}
    result = judge(protocol, made_counts(protocol, skills, np.random.default_rng(seed)))
    claimed = [each for each in result.differences if is_claimed(each)]
    assert all(each.low > 0 or each.high < 0 for each in claimed if each.low is not None and each.high is not None)
    assert all(each.seed_count >= 3 and each.low is not None for each in claimed)
    told = {f"({_bounds(each)})" for each in claimed}
    for sentence in result.sentences:
        if re.search(r"helped|hurt|fails", sentence):
            assert any(bounds in sentence for bounds in told), sentence
        elif CLAIMS.search(sentence):
            assert claimed, sentence


def _bounds(difference: Difference) -> str:
    low, high = (f"{each or 0.0:+.1f}".replace("-", "−") for each in (difference.low, difference.high))
    return f"{low} to {high}"
