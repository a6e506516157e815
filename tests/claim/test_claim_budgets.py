"""What a claim check takes and what it may tell, before it begins."""

import pytest
from claims import natural_images

from cocomine.claim.arms import ArmName
from cocomine.claim.budgets import BUDGETS, course, images_per_s, run_time_s
from cocomine.claim.prospect import prospect
from cocomine.claim.records import ClaimSettings
from cocomine.claim.statistics import EXPECTED_SPREADS, half_width
from cocomine.training.runs.encoders import ENCODERS

SETTINGS = ClaimSettings(classes=("apple",))


def test_a_course_counts_arms_seeds_and_both_numbers_of_steps_of_those_that_have_them() -> None:
    told = course(SETTINGS, test_image_count=180)
    short, long = 2 + 150 * 8 / 60 + 1, 2 + 450 * 8 / 60 + 1
    assert told.run_count == 15
    assert (told.shortest_s, told.longest_s) == pytest.approx((short, long))
    assert told.total_s == pytest.approx(3 * 4 + 9 * short + 6 * long)  # PyTorch is loaded once for each seed
    assert told.words == "15 runs of 23 s to 63 s, about 10 min in all"


def test_runs_of_one_length_are_told_once() -> None:
    arms = (ArmName.SELECTED, ArmName.HALF)
    settings = ClaimSettings(classes=("apple",), arms=arms, is_trained_longer=False, seed_count=1)
    assert course(settings, 180).words == "2 runs of 23 s, about 50 s in all"


def test_arms_are_trained_longer_where_learning_speed_can_be_told() -> None:
    def steps(*arms: ArmName) -> dict[ArmName, tuple[int, ...]]:
        settings = ClaimSettings(classes=("apple",), arms=arms)
        return {arm: settings.steps_of(arm) for arm in arms}

    a, e, c = ArmName.SELECTED, ArmName.HALF, ArmName.ALL
    assert steps(a, e, c, ArmName.AGAIN) == {a: (150, 450), e: (150,), c: (150, 450), ArmName.AGAIN: (150,)}
    assert steps(a, e) == {a: (150,), e: (150,)}
    assert ClaimSettings(classes=("apple",), is_trained_longer=False).steps_of(a) == (150,)


@pytest.mark.parametrize("encoder", ENCODERS)
def test_larger_images_take_longer_with_every_encoder(encoder: str) -> None:
    speeds = [images_per_s(encoder, size) for size in (32, 64, 96, 128, 256)]
    assert speeds == sorted(speeds, reverse=True)
    assert speeds[-1] == pytest.approx(speeds[-2] / 4)


def test_budgets_cost_more_and_more_and_are_settings() -> None:
    times = []
    for budget in BUDGETS:
        settings = budget.settings(("apple",))
        times.append(run_time_s(settings, settings.steps, settings.test_image_count))
        assert budget.words("images").startswith(f"{settings.steps:,} steps of {settings.batch_size} images")
        assert f", up to {settings.train_image_count:,} training images with a selected class, " in budget.words(
            "positives"
        )
    assert times == sorted(times)
    assert BUDGETS[0].settings(("apple",)) == SETTINGS


def test_the_smallest_difference_that_can_be_told_is_that_of_the_statistics() -> None:
    told = prospect(natural_images(700), ("apple",), 3)
    assert told.reach == half_width(EXPECTED_SPREADS["T2"], 700, 3)
    assert told.words == "detects differences above about ±6 points (700 test images)"
    assert told.warnings == []


def test_one_seed_tells_nothing_and_two_no_sentence() -> None:
    assert (
        prospect(natural_images(700), ("apple",), 1).words
        == "no interval, so no difference can be told (700 test images)"
    )
    for seeds in (1, 2):
        assert "nothing can be told" in prospect(natural_images(700), ("apple",), seeds).warnings[0]


def test_few_test_images_are_told_with_what_to_add() -> None:
    told = prospect(natural_images(14), ("apple",), 3)
    (warning,) = told.warnings
    assert warning == (
        "Only differences above about ±23 points could be told; those to be expected are smaller. "
        "About 334 test images and 5 seeds would show 5 points."
    )
    assert prospect(natural_images(334), ("apple",), 5).reach == pytest.approx(5, abs=0.01)


def test_a_class_in_too_few_test_images_is_named() -> None:
    told = prospect(natural_images(700, with_class=4), ("apple",), 3)
    assert told.rare_classes == ["apple"]
    assert told.warnings == ["apple: in fewer than 5 test images, too few to judge. Add test images with them."]


def test_without_a_test_image_nothing_is_told() -> None:
    told = prospect(natural_images(0), ("apple",), 3)
    assert (told.reach, told.positive_counts) == (None, {"apple": 0})
