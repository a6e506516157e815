"""The settings of a run: what each preset sets, and which numbers are refused."""

from typing import Any

import pytest

from cocomine.errors import TrainingError
from cocomine.training.runs.config import LEFT_OPEN_BY_THE_PAPER, config_as_json, config_from_json, preset

UNLESS_SAID_OTHERWISE: dict[str, Any] = {
    "export": "/export",
    "seed": 0,
    "weights": "auto",
    "encoder": "resnet50",
    "frozen_stages": 0,
    "optimiser": "adamw",
    "learning_rate": 0.001,
    "pretrained_learning_rate": 0.0001,
    "momentum": 0.0,
    "weight_decay": 0.0001,
    "schedule": "constant",
    "warmup_steps": 0,
    "loss": "ce",
    "average_decay": 0.0,
    "half_precision": True,
    "augment": False,
    "evaluate_every": 25,
    "log_every": 1,
    "patience": 0,
    "train_image_limit": None,
    "eval_image_limit": None,
    "overfit_images": 0,
}
PRESETS: dict[str, dict[str, Any]] = {
    "quick": {
        "steps": 900,
        "batch_size": 8,
        "encoder": "small",
        "frozen_stages": 5,
        "learning_rate": 0.005,
        "weight_decay": 0.01,
        "schedule": "cosine",
        "warmup_steps": 50,
        "loss": "ce+dice",
        "augment": True,
        "evaluate_every": 100,
        "train_image_limit": 500,
        "eval_image_limit": 60,
    },
    "paper": {
        "steps": 30_000,
        "batch_size": 32,
        "frozen_stages": 3,
        "optimiser": "sgd",
        "learning_rate": 0.0001,
        "half_precision": False,
        "evaluate_every": 500,
        "log_every": 10,
        "eval_image_limit": 500,
    },
    "recommended": {
        "steps": 4_000,
        "batch_size": 16,
        "frozen_stages": 2,
        "weight_decay": 0.01,
        "schedule": "cosine",
        "warmup_steps": 200,
        "loss": "ce+dice",
        "augment": True,
        "average_decay": 0.999,
        "evaluate_every": 200,
        "log_every": 5,
        "patience": 8,
        "eval_image_limit": 500,
    },
    "overfit": {
        "steps": 300,
        "batch_size": 8,
        "encoder": "small",
        "learning_rate": 0.005,
        "schedule": "cosine",
        "warmup_steps": 20,
        "loss": "ce+dice",
        "evaluate_every": 50,
        "overfit_images": 8,
    },
}
"""Runs of one preset are compared across versions, so that no setting of it may change unnoticed."""


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_what_it_always_set(name: str) -> None:
    expected = UNLESS_SAID_OTHERWISE | {"preset": name} | PRESETS[name]
    assert config_as_json(preset(name, export="/export")) == expected


def test_a_setting_that_is_not_named_is_what_it_always_was() -> None:
    least = {"export": "/export", "preset": "own", "steps": 9, "batch_size": 4}
    assert config_as_json(config_from_json(least)) == UNLESS_SAID_OTHERWISE | least


def test_what_the_paper_leaves_open_is_listed() -> None:
    named = {"steps", "batch_size", "encoder", "weights", "optimiser", "learning_rate", "loss"}
    of_no_effect = {"export", "preset", "seed", "log_every", "train_image_limit", "eval_image_limit", "overfit_images"}
    assert named | of_no_effect | set(LEFT_OPEN_BY_THE_PAPER) == set(config_as_json(preset("paper", export="/export")))


@pytest.mark.parametrize(("steps", "decay"), [(None, 0.999), (1001, 0.999), (1000, 0.0)])
def test_few_steps_have_no_mean_of_the_weights(steps: int | None, decay: float) -> None:
    assert preset("recommended", export="/export", steps=steps).average_decay == decay


@pytest.mark.parametrize(
    ("name", "steps", "warmup_steps", "evaluate_every"),
    [
        ("recommended", 4_000, 200, 200),
        ("recommended", 500, 50, 62),
        ("recommended", 7, 0, 1),
        ("quick", 100, 10, 12),
        ("quick", 1, 0, 1),
        ("paper", 100_000, 0, 500),
    ],
)
def test_another_number_of_steps_shortens_the_warm_up_to_a_tenth_and_leaves_eight_evaluations(
    name: str, steps: int, warmup_steps: int, evaluate_every: int
) -> None:
    config = preset(name, export="/export", steps=steps)
    assert (config.steps, config.warmup_steps, config.evaluate_every) == (steps, warmup_steps, evaluate_every)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learning_rate": float("inf")}, "'learning_rate' is inf. It must be a number of at least 0"),
        ({"weight_decay": -1e-9}, "'weight_decay' is -1e-09"),
        ({"seed": -1}, "'seed' is -1. It must be a number of at least 0"),
        ({"seed": 2**63}, "'seed' is 9223372036854775808"),
        ({"batch_size": 1}, "'batch_size' is 1. It must be a number of at least 2"),
        ({"evaluate_every": 0}, "'evaluate_every' is 0. It must be a number of at least 1"),
        ({"train_image_limit": 0}, "'train_image_limit' is 0. It must be a number of at least 1"),
        ({"frozen_stages": -1}, "'frozen_stages' is -1. It must be a number from 0 to 5"),
        ({"average_decay": 1.0}, "'average_decay' is 1.0. It must be a number from 0 to below 1"),
        ({"average_decay": -0.1}, "'average_decay' is -0.1"),
        ({"augment": 1}, "'augment' is 1. It must be bool"),
        ({"weights": 1}, "'weights' is 1. It must be str"),
        ({"steps": 1.0}, "'steps' is 1.0. It must be int"),
        ({"learning_rate": True}, "'learning_rate' is True. It must be float"),
        ({"train_image_limit": 1.5}, "'train_image_limit' is 1.5. It must be int or null"),
    ],
)
def test_a_setting_that_cannot_be_is_named(change: dict[str, object], message: str) -> None:
    with pytest.raises(TrainingError, match=message):
        config_from_json(config_as_json(preset("quick", export="/export")) | change)


@pytest.mark.parametrize("value", [[], "settings", None, 3])
def test_settings_are_an_object(value: object) -> None:
    with pytest.raises(TrainingError, match=rf"run.json: holds {type(value).__name__}, not an object of settings"):
        config_from_json(value, where="run.json")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 2**63 - 1},
        {"learning_rate": 1},
        {"learning_rate": 0.0, "momentum": 0, "weight_decay": 0},
        {"frozen_stages": 5, "batch_size": 2, "evaluate_every": 1, "train_image_limit": 1},
    ],
)
def test_the_largest_and_the_least_settings_are_taken(change: dict[str, object]) -> None:
    config = config_from_json(config_as_json(preset("quick", export="/export")) | change)
    assert config_as_json(config) == config_as_json(preset("quick", export="/export")) | change
