"""Claim checks with made-up counts: the truth is known, and no network was trained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from cocomine.claim.arms import ARMS, ArmName
from cocomine.claim.counts import ArmCounts
from cocomine.claim.records import ArmProtocol, ClaimSettings, Comparison, Difference, Protocol, TestImages

OBJECT_PX = 100
STEPS = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """How well an arm finds objects: the share of their pixels, early and later, and false pixels on each image."""

    found: float = 0.6
    found_later: float = 0.6
    false_px: float = 8.0
    seed_spread: float = 0.01


def made_protocol(
    *,
    classes: Sequence[str] = ("apple",),
    arms: Sequence[ArmName] = (ArmName.SELECTED, ArmName.HALF, ArmName.ALL),
    seed_count: int = 3,
    is_trained_longer: bool = True,
    test: TestImages | None = None,
) -> Protocol:
    settings = ClaimSettings(
        classes=tuple(classes), arms=tuple(arms), seed_count=seed_count, is_trained_longer=is_trained_longer
    )
    second = ArmName.HALF if ArmName.HALF in arms else ArmName.ALL
    return Protocol(
        dataset="demo",
        sources={"val2017": "0" * 64},
        settings=settings,
        arms=tuple(_arm(name, settings) for name in arms),
        steps=settings.steps_of(ArmName.SELECTED),
        primary=Comparison(first=ArmName.SELECTED, second=second, steps=STEPS, test_set="T2"),
        test=test or made_test_images(len(classes)),
        validation_image_count=20,
        cocomine_version="0",
    )


def made_difference(value: float, reach: float | None, arm: ArmName = ArmName.HALF, **fields: object) -> Difference:
    """A difference with an interval of so much on each side; p follows from whether it holds zero."""
    difference = Difference(
        comparison=Comparison(first=ArmName.SELECTED, second=arm, steps=STEPS, test_set="T2"),
        what="mean",
        first=50 + value,
        second=50,
        value=value,
        low=None if reach is None else value - reach,
        high=None if reach is None else value + reach,
        p=None if reach is None else 0.001 if abs(value) > reach else 0.5,
        image_count=700,
        seed_count=3,
        image_error=20.0,
        seed_error_first=0.5,
        seed_error_second=0.5,
        share_of_wins=0.5,
    )
    return msgspec.structs.replace(difference, **fields)


def made_test_images(class_count: int = 1, *, image_count: int = 400, rivals: Sequence[str] = ()) -> TestImages:
    """The first half natural, with a class in every fifth image; the rest has each class in every second one."""
    half = image_count // 2
    has = [
        tuple((image + index) % 5 == 0 if image < half else (image + index) % 2 == 0 for index in range(class_count))
        for image in range(image_count)
    ]
    return TestImages(
        split="val2017",
        image_ids=tuple(range(1, image_count + 1)),
        is_natural=tuple(image < half for image in range(image_count)),
        has=tuple(has),
        rivals=tuple(rivals),
        has_rival=tuple(tuple(image % 3 == 0 for _ in rivals) for image in range(image_count)),
    )


def made_counts(
    protocol: Protocol, skills: Mapping[ArmName, Skill], rng: np.random.Generator
) -> dict[tuple[ArmName, int], ArmCounts]:
    true = OBJECT_PX * np.array(protocol.test.has, dtype=np.int64)
    hard = rng.normal(0, 0.1, true.shape)
    return {
        (arm.arm, steps): _counts(arm, steps, skills.get(arm.arm, Skill()), true, hard, rng)
        for arm in protocol.arms
        for steps in protocol.steps_of(arm.arm)
    }


def _counts(
    arm: ArmProtocol, steps: int, skill: Skill, true: np.ndarray, hard: np.ndarray, rng: np.random.Generator
) -> ArmCounts:
    level = skill.found if steps == STEPS else skill.found_later
    by_seed = rng.normal(0, skill.seed_spread, (len(arm.seeds), 1, 1))
    right = rng.binomial(true, np.clip(level + by_seed + hard, 0, 1))
    false = rng.poisson(skill.false_px * np.clip(1 + 3 * by_seed, 0, None), right.shape)
    return ArmCounts(arm=arm.arm, steps=steps, seeds=arm.seeds, right=right, predicted=right + false, true=true)


def _arm(name: ArmName, settings: ClaimSettings) -> ArmProtocol:
    first = ARMS[name].seed_offset
    return ArmProtocol(
        arm=name,
        recipe_sha256="0" * 64,
        seeds=tuple(range(first, first + settings.seed_count)),
        train_image_count=100,
        positive_image_count=50 if name is ArmName.HALF else 100,
        labels=("background", *settings.classes),
        steps=settings.steps_of(name),
    )
