"""Protocols and results of claim checks, as if arms had been trained and judged."""

from typing import Any

from cocomine.claim.arms import ArmName
from cocomine.claim.records import (
    ArmProtocol,
    ClaimSettings,
    Comparison,
    Difference,
    Protocol,
    Result,
    TestImages,
    TestSet,
)

NATURAL, ADDED = 6, 2
"""Test images as they come, of which every other has the first class, and images with it that were added."""


def protocol_with(*classes: str, **changes: Any) -> Protocol:
    """Return a protocol of the default arms on 8 test images, with other values as in `changes`."""
    settings = ClaimSettings(classes=classes or ("apple", "pear"))
    has_first = [index % 2 == 0 for index in range(NATURAL)] + [True] * ADDED
    values: dict[str, Any] = {
        "dataset": "orchard",
        "sources": {"train": "1" * 64, "val": "2" * 64},
        "settings": settings,
        "arms": tuple(arm_protocol(arm, settings) for arm in (*settings.arms, ArmName.AGAIN)),
        "steps": (settings.steps, 3 * settings.steps),
        "primary": comparison(),
        "test": TestImages(
            split="val",
            image_ids=tuple(range(101, 101 + NATURAL + ADDED)),
            is_natural=(True,) * NATURAL + (False,) * ADDED,
            has=tuple((first, *[False] * (len(settings.classes) - 1)) for first in has_first),
        ),
        "validation_image_count": 12,
        "cocomine_version": "9.8.7",
    }
    return Protocol(**(values | changes))


def natural_images(natural: int, *, with_class: int | None = None) -> TestImages:
    """Return test images, all of the natural mix, the first ones with the class."""
    count = natural if with_class is None else with_class
    return TestImages(
        split="val",
        image_ids=tuple(range(natural)),
        is_natural=(True,) * natural,
        has=tuple((index < count,) for index in range(natural)),
    )


def arm_protocol(arm: ArmName, settings: ClaimSettings) -> ArmProtocol:
    """Return what an arm trains on: 100 images, its own hash, three seeds."""
    first = 1_000 if arm is ArmName.AGAIN else 0
    return ArmProtocol(
        arm=arm,
        recipe_sha256=f"{ord(arm[0]) + len(arm):064x}",
        seeds=tuple(range(first, first + settings.seed_count)),
        train_image_count=100,
        positive_image_count=50 if arm is ArmName.HALF else 100,
        labels=("background", *settings.classes),
        steps=settings.steps_of(arm),
    )


def comparison(second: ArmName = ArmName.HALF, *, test_set: TestSet = "T2", steps: int = 150) -> Comparison:
    """Return A against another arm, by default E on the natural mix at 150 steps."""
    return Comparison(first=ArmName.SELECTED, second=second, steps=steps, test_set=test_set)


def difference(
    value: float, half_width: float | None = 1.0, compared: Comparison | None = None, **changes: Any
) -> Difference:
    """Return a difference of means by three seeds on 700 images, told where its interval leaves out zero."""
    is_told = half_width is not None and abs(value) > half_width
    values: dict[str, Any] = {
        "comparison": compared or comparison(),
        "what": "mean",
        "first": 50.0 + value,
        "second": 50.0,
        "value": value,
        "low": None if half_width is None else value - half_width,
        "high": None if half_width is None else value + half_width,
        "p": None if half_width is None else 0.01 if is_told else 0.4,
        "image_count": 700,
        "seed_count": 3,
        "image_error": 12.3,
        "seed_error_first": 1.4,
        "seed_error_second": 2.5,
        "share_of_wins": 1.0 if value > 0 else 0.0,
    }
    return Difference(**(values | changes))


def planted_result(name: str = "apple") -> Result:
    """Return what comes out where a look-alike is never with the class: better on T1, much worse on T2."""
    of_class: dict[str, Any] = {"what": "class", "class_name": name}
    corrected: dict[str, Any] = {"p_corrected": 0.02}
    on_t1 = comparison(test_set="T1")
    differences = (
        difference(-39.9, 9.0, is_primary=True, first=29.3, second=69.2, p=0.0004),
        difference(5.3, 2.0, on_t1, first=81.7, second=76.4, **corrected),
        difference(-41.2, 9.4, first=27.5, second=68.7, **of_class, **corrected),
        difference(4.4, 2.1, on_t1, first=80.1, second=75.7, **of_class, **corrected),
        difference(0.6, 3.7, what="class", class_name="pear", p_corrected=1.0),
        difference(79.0, 11.1, comparison(test_set="T0"), what="false alarms", first=87.2, second=8.2, **corrected),
        difference(8.9, 3.3, comparison(ArmName.ALL, test_set="T1"), **corrected),
        difference(2.6, 3.1, comparison(ArmName.ALL, test_set="T1", steps=450), p_corrected=0.31),
        difference(0.4, 1.7, comparison(ArmName.AGAIN), p_corrected=1.0),
    )
    return Result(
        protocol_sha256="ab" * 32,
        differences=differences,
        absent_classes=("quince",),
        ignored_share=0.017,
        sentences=(
            f"On images with {name}, training on selected images only gave +5.3 points (+3.3 to +7.3).",
            f"On the natural mix −39.9 (−48.9 to −30.9): it takes other things for {name} (87 against 8 px an image).",
            "Three times the steps shrink it from +8.9 to +2.6: the all-class network was slower, not disturbed.",
        ),
        notices=("One run was stopped and resumed.",),
    )
