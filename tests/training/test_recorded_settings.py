"""What a training is made of, and what it computes on small inputs, is as it was checked and recorded.

Settings, schedules, orders, augmentation, losses, scores and needs: each number and sentence was compared with its
definition by hand, or with plain loops; see `recorded` for how they are recorded anew.
"""

import math
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from recorded import check, written
from small_run import STEPS
from stated_values import stated_values

import cocomine.training
from cocomine.errors import CocomineError
from cocomine.exporting.reading import read_export
from cocomine.training.augmentation import augmented, drawn_changes, normalised, training_batch
from cocomine.training.averaging import update_average
from cocomine.training.data import SplitArrays, batch_indices, label_shares, prior_mask
from cocomine.training.evaluation import enlarged_labels, predicted_labels
from cocomine.training.linknet import LinkNet, initialise
from cocomine.training.metrics import (
    added,
    baseline_scores,
    conditional_entropy,
    empty_prediction,
    iou_per_label,
    mean_iou,
    network_scores,
    pixel_accuracy,
    soft_sums,
)
from cocomine.training.optimiser import build_optimiser, learning_rate_factor, segmentation_loss
from cocomine.training.runs.config import (
    AMENDABLE,
    FORMER_PRESETS,
    FORMER_SETTINGS,
    LEFT_OPEN_BY_THE_PAPER,
    OFFERED_PRESETS,
    PRESETS,
    TrainingConfig,
    config_as_json,
    preset,
    preset_settings,
)
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.encoders import ENCODER_STAGES, ENCODERS
from cocomine.training.runs.evaluation_file import ImageCounts
from cocomine.training.runs.expectation import CURVES, expected_words
from cocomine.training.runs.image_ranking import lowest_iou, most_confused
from cocomine.training.runs.interval import iou_intervals, mean_iou_difference, mean_iou_interval
from cocomine.training.runs.needs import disk_need, memory_need
from cocomine.training.runs.network_size import kept_numbers, parameter_count
from cocomine.training.runs.reading import Run
from cocomine.training.runs.settings import GROUPS, SETTINGS, Setting, settings_of
from cocomine.training.runs.speed import DECIDING, Speed, run_time_s
from cocomine.training.runs.weights_download import PUBLISHED

RECORDED = Path(__file__).parent / "recorded"
ALIKE = 2e-4
"""So far may numbers of PyTorch differ on another processor."""
SPEED = Speed(
    start_s=6.5, prepared_image_s=0.013, step_s=0.47, evaluated_image_s=0.11, written_network_s=0.23, device="cpu"
)


def test_values_that_modules_state() -> None:
    check(RECORDED / "stated_values.txt", stated_values(cocomine.training))


def test_presets() -> None:
    told = {
        "sentences": PRESETS,
        "offered": OFFERED_PRESETS,
        "left open by the paper": LEFT_OPEN_BY_THE_PAPER,
        "former names": [FORMER_PRESETS, FORMER_SETTINGS],
        "amendable": AMENDABLE,
        "settings": {name: preset_settings(name) for name in PRESETS},
        "whole": {name: config_as_json(preset(name, export="/export")) for name in PRESETS},
        "fewer steps": {
            f"{name}, {steps}": [config.steps, config.warmup_steps, config.average_decay, config.evaluate_every]
            for name in PRESETS
            for steps in (1, 7, 100, 1000, 1001, 50_000)
            for config in [preset(name, export="/export", steps=steps)]
        },
        "other encoder, weights and seed": config_as_json(
            preset("paper", export="/export", encoder="resnet18", weights="/w.pth", seed=4)
        ),
    }
    check(RECORDED / "presets.json", written(told))


def test_the_table_of_settings() -> None:
    least = TrainingConfig(export="/export", preset="quick", steps=1, batch_size=2)
    told = {
        "table": {
            each.name: [each.title, each.group, each.least, each.most, each.below, each.choices, each.meaning]
            for each in SETTINGS
        },
        "expected": {setting.name: setting.expected for setting in SETTINGS},
        "groups": {group: [setting.name for setting in settings_of(group)] for group in GROUPS},
        "defaults": config_as_json(least),
        "refused": {
            setting.name: [f"{value!r}: {_refusal(setting, value)}" for value in _tried(setting)]
            for setting in SETTINGS
        },
        "fields": [field.name for field in fields(TrainingConfig)],
    }
    check(RECORDED / "settings.json", written(told))


def _tried(setting: Setting) -> list[Any]:
    """Return values about the bounds of a setting."""
    if setting.least is None:
        return ["cosine", "sgd"] if setting.choices else ["anything"]
    bounds = [each for each in (setting.least, setting.most, setting.below) if each is not None]
    return [*(each + change for each in bounds for change in (-1, -0.001, 0, 1)), 2**63 - 1, 2**63, math.inf, math.nan]


def _refusal(setting: Setting, value: Any) -> str:
    try:
        setting.check(value)
    except CocomineError as error:
        return str(error).rpartition("It must ")[2]
    return "allowed"


@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_schedules(schedule: str) -> None:
    config = preset("quick", export="/export", steps=50)
    told = {
        warmup: [learning_rate_factor(replace(config, schedule=schedule, warmup_steps=warmup), k) for k in range(50)]
        for warmup in (0, 1, 7, 50)
    }
    check(RECORDED / f"schedule-{schedule}.json", written(told))


def _arrays(count: int = 3, side: int = 8) -> SplitArrays:
    places = np.arange(count * side * side)
    images = (places[:, None] * (7, 13, 29) % 256).astype(np.uint8).reshape(count, side, side, 3)
    labels = np.where(places % 11 == 5, 255, places // 5 % 3).astype(np.uint8).reshape(count, side, side)
    return SplitArrays(images=images, labels=labels, image_ids=tuple(range(40, 40 + count)))


def test_orders_of_batches_and_augmentation() -> None:
    arrays, cpu = _arrays(), torch.device("cpu")
    changes = drawn_changes(3, torch.Generator().manual_seed(3))
    images = torch.from_numpy(np.array(arrays.images)).permute(0, 3, 1, 2).float() / 255
    moved, labels = augmented(images.clone(), torch.from_numpy(np.array(arrays.labels)), changes)
    config = replace(preset("quick", export="/export", seed=2), batch_size=2)
    batches = {
        f"{augment}, {step}": training_batch(arrays, replace(config, augment=augment), step=step, device=cpu)
        for augment in (False, True)
        for step in (0, 4)
    }
    told = {
        "orders": {
            f"{count} images, seed {seed}": [batch_indices(count, 4, seed=seed, step=step) for step in range(4)]
            for count in (3, 10)
            for seed in (0, 6)
        },
        "changes": changes,
        "augmented": [moved[1, :, 2], moved[2, 0], labels[0], labels[2]],
        "normalised": normalised(arrays.images, cpu)[:, :, 3, :2],
        "batches": {name: [inputs[1, 2, 1], truth[1]] for name, (inputs, truth) in batches.items()},
        "label shares": [label_shares(arrays.labels, 3), label_shares(np.full((1, 2, 2), 255, dtype=np.uint8), 3)],
        "prior mask": prior_mask(arrays.labels, 3),
    }
    check(RECORDED / "batches.json", written(_numbers(told), 5), within=ALIKE)


def _numbers(value: Any) -> Any:
    """Return the same with lists of numbers instead of tensors."""
    if isinstance(value, torch.Tensor):
        return value.tolist()
    if isinstance(value, dict):
        return {key: _numbers(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(each) for each in value]
    if hasattr(value, "__dataclass_fields__"):
        return {field.name: _numbers(getattr(value, field.name)) for field in fields(value)}
    return value


def _logits() -> torch.Tensor:
    return torch.sin(torch.arange(2 * 4 * 5 * 6).float() * 0.7).reshape(2, 4, 5, 6) * 3


def _truth() -> torch.Tensor:
    places = torch.arange(2 * 5 * 6)
    return torch.where(places % 13 == 4, 255, places // 4 % 3).reshape(2, 5, 6)


def test_losses_and_scores() -> None:
    logits, truth = _logits(), _truth()
    losses = {kind: segmentation_loss(logits, truth, kind) for kind in ("ce", "ce+dice")}
    predictions = [predicted_labels(each, 7, 9) for each in logits]
    truths = [enlarged_labels(each.numpy().astype(np.uint8), 7, 9) for each in truth]
    images = [Confusions.of_image(one, other, 4) for one, other in zip(truths, predictions, strict=True)]
    joined = Confusions.joined([*images, images[0], images[1], images[0]])
    other = Confusions.joined([*images[::-1], *images[::-1], images[1]])
    total = joined.total()
    of_truth = torch.log_softmax(logits, 1).gather(1, truth.clamp(max=3)[:, None])[:, 0].numpy()
    sums = added([soft_sums(each, one.numpy()) for each, one in zip(of_truth, truth, strict=True)])
    counts = ImageCounts(step=3, image_ids=(9, 4, 7, 1, 5), confusions=joined)
    told = {
        "losses": losses,
        "predictions": predictions,
        "confusion": total,
        "IoU": [iou_per_label(total), mean_iou(total, [1, 2]), mean_iou(total, [3]), pixel_accuracy(total)],
        "sums": sums,
        "entropy": conditional_entropy(total),
        "empty": empty_prediction(total),
        "network": msgspec.to_builtins(network_scores(total, sums, [1, 2, 3])),
        "baseline": msgspec.to_builtins(baseline_scores(empty_prediction(total), empty_prediction(total), [1, 2])),
        "intervals": [mean_iou_interval(joined.areas(), [1, 2]), *iou_intervals(joined.areas())],
        "difference": mean_iou_difference(joined.areas(), other.areas(), [1, 2]),
        "most confused": [most_confused(counts, 1, 2), most_confused(counts, 2, 0, most=2)],
        "lowest IoU": [lowest_iou(counts, [1, 2]), lowest_iou(counts, [3])],
    }
    check(RECORDED / "scores.json", written(_numbers(told), 5), within=ALIKE)


def test_what_an_optimiser_changes() -> None:
    told = {}
    for name in PRESETS:
        config = replace(preset(name, export="/export", encoder="small"), momentum=0.5)
        network = LinkNet(ENCODERS["small"], 3, frozen_stages=min(config.frozen_stages, 2))
        optimiser = build_optimiser(network, config, 4)
        told[name] = [
            type(optimiser).__name__,
            *(
                {key: group[key] for key in ("lr", "initial_lr", "weight_decay")}
                | {"params": sum(each.numel() for each in group["params"])}
                for group in optimiser.param_groups
            ),
        ]
    check(RECORDED / "optimisers.json", written(told))


def _bias(network: LinkNet) -> list[float]:
    assert network.head.bias is not None
    return network.head.bias.tolist()


def test_first_weights_and_their_running_mean() -> None:
    networks = [LinkNet(ENCODERS["small"], 3) for _ in range(2)]
    for seed, network in enumerate(networks):
        initialise(network, seed=seed, label_shares=[0.9, 0.1, 0.0] if seed else None)
    first = networks[0].state_dict()
    told: dict[str, Any] = {
        "names": sha256("\n".join(f"{name} {tuple(each.shape)}" for name, each in first.items()).encode()).hexdigest(),
        "sums": [float(each.float().abs().sum()) for each in list(first.values())[::9]],
        "head": [_bias(networks[1]), float(networks[1].head.weight.detach().std())],
    }
    update_average(networks[0], networks[1], decay=0.9, step=3)
    told["after step 3"] = _bias(networks[0])
    update_average(networks[0], networks[1], decay=0.9, step=300)
    told["after step 300"] = _bias(networks[0])
    check(RECORDED / "weights.json", written(_numbers(told), 5), within=ALIKE)


def test_needs_and_expectations() -> None:
    told: dict[str, Any] = {
        "encoders": {
            name: [
                [parameter_count(each, 5, frozen_stages=frozen) for frozen in range(len(ENCODER_STAGES) + 1)],
                [kept_numbers(each, 5, side_px=128, frozen_stages=frozen) for frozen in range(len(ENCODER_STAGES) + 1)],
                sha256(repr(each.shapes()).encode()).hexdigest(),
            ]
            for name, each in ENCODERS.items()
        },
        "published": PUBLISHED,
        "deciding": DECIDING,
        "expected": {curve.data: {n: expected_words(curve, n) for n in (91, 92, 500, 1464, 9999)} for curve in CURVES},
        "curves": CURVES,
    }
    for name in PRESETS:
        config = preset(name, export="/export")
        memory = memory_need(config, size_px=128, label_count=5, frozen_stages=config.frozen_stages)
        told[name] = {
            "memory": [memory, memory.total],
            "sgd with momentum": memory_need(
                replace(config, optimiser="sgd", momentum=0.9), size_px=64, label_count=2, frozen_stages=0
            ).total,
            "disk": disk_need(config, size_px=128, label_count=5, image_count=777),
            "seconds": run_time_s(config, SPEED, train_image_count=1200, val_image_count=333),
        }
    check(RECORDED / "needs.json", written(told))


def test_a_small_run(uninterrupted: Run, config: TrainingConfig) -> None:
    """Four steps on four images, to three digits."""
    assert uninterrupted.info is not None
    made_here = {"device", "thread_count", "torch_version", "export_manifest_sha256", "sources"}
    info = {key: each for key, each in msgspec.to_builtins(uninterrupted.info).items() if key not in made_here}
    info["weights"]["random"] = len(info["weights"]["random"])
    told = {
        "steps": STEPS,
        "files": sorted(path.name for path in uninterrupted.folder.iterdir()),
        "info": info,
        "metrics": msgspec.to_builtins(uninterrupted.metrics.train),
        "evaluations": [
            {key: each[key] for key in ("step", "image_count", "mean_iou", "iou", "cross_entropy", "mean_iou_interval")}
            for each in msgspec.to_builtins(uninterrupted.metrics.evaluations)
        ],
        "finals": msgspec.to_builtins(uninterrupted.metrics.finals),
        "images": [image.image_id for image in read_export(Path(config.export)).val_split.images],
    }
    check(RECORDED / "small run.json", written(told, 3), within=0.01)
