"""What exactly is to be trained?

One flat record, written to the run folder as `config.json` before anything starts and never
changed afterwards: together with the export it determines every number of the run. Presets
fill it in; what each stands for is said in `PRESETS`, and what each setting means in `settings`.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec

from cocomine.errors import TrainingError
from cocomine.training.runs.settings import SETTINGS

OVERFIT = "overfit"
OVERFIT_IMAGES = 8
PRESETS = {
    "quick": "Minutes on a CPU: a small encoder instead of the paper's, at most 500 images. Shows that everything "
    "works, not how good it can get.",
    "paper": "As published: ResNet-50, SGD, learning rate 1e-4, 30,000 steps of 32 images, cross entropy. What the "
    "paper leaves open is plain: no momentum, no schedule, no augmentation. Days on a CPU.",
    "recommended": "ResNet-50, AdamW, warm-up and cosine schedule, cross entropy + Dice, augmentation, mean of the "
    "weights, early stopping. Better with a GPU.",
    OVERFIT: f"A test of data and labels, in about a minute: trains on {OVERFIT_IMAGES} images and is judged on the "
    f"same {OVERFIT_IMAGES}. Says nothing about other images.",
}
OFFERED_PRESETS = tuple(name for name in PRESETS if name != OVERFIT)
"""Presets of a run whose result is wanted."""
LEFT_OPEN_BY_THE_PAPER = {
    "frozen_stages": "“lower layers”: stem, layer1 and layer2",
    "pretrained_learning_rate": "the same as of all else, since it names one",
    "momentum": "none, since its Eq. 1 has none",
    "weight_decay": "1e-4, the usual value for ResNet; it names weight decay without a value",
    "schedule": "constant, since it names none",
    "warmup_steps": "none",
    "augment": "none, since it names none",
    "average_decay": "no mean of the weights",
    "half_precision": "full precision",
    "patience": "all steps are done",
    "evaluate_every": "500 steps; of no effect on the weights",
}
"""Settings that the paper does not name, with what *Paper settings* takes."""
AVERAGED_ABOVE_STEPS = 1_000
"""Fewer steps than that are too few for a mean of the weights to forget where it began."""
FORMER_PRESETS = {"try": "quick", "modern": "recommended"}
FORMER_SETTINGS = {
    "rate": "learning_rate",
    "pretrained_rate": "pretrained_learning_rate",
    "frozen_parts": "frozen_stages",
}
"""Settings by the names that took their place; those of runs that are on the disk are translated when they are read."""
AMENDABLE = {
    "batch_size": "batch",
    "learning_rate": "learning rate",
    "pretrained_learning_rate": "learning rate of loaded weights",
}
"""Settings that may change when a run goes on, so that one which ran out of memory or diverged is not lost."""
_SETTINGS: dict[str, dict[str, Any]] = {
    "quick": {
        "steps": 900,
        "batch_size": 8,
        "encoder": "small",
        "frozen_stages": 5,  # of an encoder with weights; the small one has none
        "learning_rate": 5e-3,  # tried on the demo's cup, boat and cat: with 2e-3 a run is 2 points lower at the end
        "weight_decay": 1e-2,
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
        "frozen_stages": 3,  # the paper says "lower layers": stem to layer2 is our assumption
        "optimiser": "sgd",
        "learning_rate": 1e-4,
        "pretrained_learning_rate": 1e-4,
        "half_precision": False,
        "evaluate_every": 500,
        "log_every": 10,
        "eval_image_limit": 500,
    },
    "recommended": {
        "steps": 4_000,
        "batch_size": 16,
        "frozen_stages": 2,
        "weight_decay": 1e-2,
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
    OVERFIT: {
        "steps": 300,
        "batch_size": OVERFIT_IMAGES,
        "encoder": "small",
        "learning_rate": 5e-3,
        "schedule": "cosine",
        "warmup_steps": 20,
        "loss": "ce+dice",
        "evaluate_every": 50,
        "overfit_images": OVERFIT_IMAGES,
    },
}
"""What each preset sets; the rest is as `TrainingConfig` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """Everything that decides what a run computes; what each setting means is in `SETTINGS`, by its name."""

    export: str
    preset: str
    steps: int
    batch_size: int
    encoder: str = "resnet50"
    seed: int = 0
    weights: str = "auto"
    frozen_stages: int = 0
    optimiser: str = "adamw"
    learning_rate: float = 1e-3
    pretrained_learning_rate: float = 1e-4
    momentum: float = 0.0
    weight_decay: float = 1e-4
    schedule: str = "constant"
    warmup_steps: int = 0
    loss: str = "ce"
    average_decay: float = 0.0
    half_precision: bool = True
    augment: bool = False
    evaluate_every: int = 25
    log_every: int = 1
    patience: int = 0
    train_image_limit: int | None = None
    eval_image_limit: int | None = None
    overfit_images: int = 0

    def __post_init__(self) -> None:
        for setting in SETTINGS:
            setting.check(getattr(self, setting.name))

    @property
    def is_overfit_test(self) -> bool:
        """Whether the run is judged on the very images that it trains on, and so compared with no other."""
        return self.overfit_images > 0


def preset(
    name: str,
    *,
    export: Path | str,
    steps: int | None = None,
    encoder: str | None = None,
    weights: str | Path | None = None,
    seed: int = 0,
) -> TrainingConfig:
    """Return the settings of the preset `name` for `export`.

    Args:
        steps: Optimiser updates, instead of the preset's own number.
        encoder: Of `ENCODERS`, instead of the preset's own.
        weights: A weights file, "none" for a random start, or None to look for one.
        seed: Of weights, order and augmentation.

    Raises:
        TrainingError: There is no preset of this name, or a value is out of range.
    """
    if name not in _SETTINGS:
        raise TrainingError(f"Training: there is no preset {name!r}. Choose one of {', '.join(_SETTINGS)}.")
    config = TrainingConfig(
        export=str(Path(export).absolute()),
        preset=name,
        seed=seed,
        weights="auto" if weights is None else str(weights),
        **(_SETTINGS[name] if encoder is None else _SETTINGS[name] | {"encoder": encoder}),
    )
    return config if steps is None or steps == config.steps else _with_steps(config, steps)


def preset_settings(name: str) -> Mapping[str, Any]:
    """Return what the preset `name` sets; the rest is as `TrainingConfig` has it."""
    return _SETTINGS[name]


def _with_steps(config: TrainingConfig, steps: int) -> TrainingConfig:
    """Fit the warm-up and the evaluations of `config` to another number of steps."""
    return replace(
        config,
        steps=steps,
        warmup_steps=min(config.warmup_steps, steps // 10),
        average_decay=config.average_decay if steps > AVERAGED_ABOVE_STEPS else 0.0,
        evaluate_every=min(config.evaluate_every, max(1, steps // 8)),
    )


def amended(config: TrainingConfig, changes: Mapping[str, float]) -> TrainingConfig:
    """Return settings with changes that a run may go on with.

    Raises:
        TrainingError: Another setting is to change, or a value is out of range.
    """
    if wrong := sorted(set(changes) - set(AMENDABLE)):
        raise TrainingError(
            f"Training: '{wrong[0]}' of a run that has begun cannot change, only {', '.join(AMENDABLE)}. "
            "Start a new run."
        )
    values: dict[str, Any] = {name: type(getattr(config, name))(value) for name, value in changes.items()}
    return replace(config, **values)


def config_as_json(config: TrainingConfig) -> dict[str, Any]:
    """Return `config` as a JSON object."""
    return asdict(config)


def config_from_json(value: object, *, where: str = "config.json") -> TrainingConfig:
    """Return the settings that `config_as_json` gave.

    Raises:
        TrainingError: It is no object, lacks a setting, has an unknown one or one of a wrong type.
    """
    if not isinstance(value, dict):
        raise TrainingError(f"{where}: holds {type(value).__name__}, not an object of settings. Start a new run.")
    settings: dict[str, Any] = {FORMER_SETTINGS.get(str(key), str(key)): each for key, each in value.items()}
    if isinstance(former := settings.get("preset"), str):
        settings["preset"] = FORMER_PRESETS.get(former, former)
    types = get_type_hints(TrainingConfig)
    unknown = sorted(set(settings) - set(types))
    if unknown:
        raise TrainingError(f"{where}: unknown setting {unknown[0]!r}. Remove it, or update CocoMine.")
    for field in fields(TrainingConfig):
        if field.name in settings:
            _check_type(field.name, settings[field.name], types[field.name], where)
    try:
        return TrainingConfig(**settings)
    except TypeError as error:
        raise TrainingError(f"{where}: a setting is missing ({error}). Add it, or start a new run.") from error


def _check_type(name: str, value: object, expected: Any, where: str) -> None:
    allowed = get_args(expected) or (expected,)
    is_number_for_float = float in allowed and type(value) is int
    if isinstance(value, str) and not value.isprintable():
        raise TrainingError(f"{where}: '{name}' is {value!r}, which no path or name is. Start a new run.")
    if type(value) not in allowed and not is_number_for_float:
        names = " or ".join("null" if kind is type(None) else kind.__name__ for kind in allowed)
        raise TrainingError(f"{where}: '{name}' is {value!r}. It must be {names}; correct it or start a new run.")


def read_config(path: Path) -> TrainingConfig:
    """Read a run's `config.json`.

    Raises:
        TrainingError: It is missing, no JSON, or not these settings.
    """
    try:
        value = msgspec.json.decode(path.read_bytes())
    except FileNotFoundError as error:
        raise TrainingError(
            f"{path}: is missing, so this folder is no run. Put it back, or name the folder of a run."
        ) from error
    except (OSError, ValueError, RecursionError) as error:
        raise TrainingError(
            f"{path}: cannot be read as JSON ({error}). Start a new run, and move this folder away."
        ) from error
    return config_from_json(value, where=str(path))
