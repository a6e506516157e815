"""What does a step minimise, and how far does it go?

Cross entropy is the paper's Eq. 3; Dice is added for small classes (over the batch, classes only).
What starts at random learns at `learning_rate`, encoder stages with loaded weights at `pretrained_learning_rate`.
The schedule is a pure function of the step, so it has no state to save.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from cocomine.labels.table import IGNORED_LABEL
from cocomine.training.group import ALONE, Group
from cocomine.training.linknet import LinkNet
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODER_STAGES
from cocomine.training.uncompiled import UncompiledAdamW, UncompiledSGD


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What is minimised, and its parts for the record; of several processes each has a share, and the shares add up."""

    total: Tensor
    cross_entropy: Tensor
    dice: Tensor | None


def segmentation_loss(logits: Tensor, labels: Tensor, kind: str, group: Group = ALONE) -> Loss:
    """Return the loss of a batch: logits (n, c, h, w), labels (n, h, w) int64 with 255 ignored.

    Of several processes each calls it with its part of the batch and gets its share of the whole batch's loss.
    """
    counted = group.sum((labels != IGNORED_LABEL).sum())
    summed = functional.cross_entropy(logits, labels, ignore_index=IGNORED_LABEL, reduction="sum")
    cross_entropy = summed / counted.clamp(min=1)  # a batch without any counted pixel costs nothing
    if kind == "ce":
        return Loss(total=cross_entropy, cross_entropy=cross_entropy, dice=None)
    dice = dice_loss(logits, labels, group) / group.size
    return Loss(total=cross_entropy + dice, cross_entropy=cross_entropy, dice=dice)


def dice_loss(logits: Tensor, labels: Tensor, group: Group = ALONE) -> Tensor:
    """Return 1 - the mean soft Dice of the classes (not background) that the whole batch holds; 0 without any."""
    counted = labels != IGNORED_LABEL
    pixels = group.sum(torch.bincount(labels[counted], minlength=logits.shape[1]).to(logits.dtype))
    present = 1 + pixels[1:].nonzero().flatten()  # only these are looked at: of 80 classes a batch holds a few
    if not len(present):
        return logits.new_zeros(())
    is_true = labels[:, None] == present[:, None, None]  # (n, present, h, w)
    probability = logits.softmax(1)[:, present] * counted[:, None]
    sums = [(probability * is_true).sum((0, 2, 3)), probability.sum((0, 2, 3))]
    overlap, predicted = group.sum(torch.stack(sums))  # (present,) each
    lost = 1 - (2 * overlap + 1) / (predicted + pixels[present] + 1)
    mean: Tensor = lost.mean()
    return mean


def learning_rate_factor(config: TrainingConfig, step: int) -> float:
    """Return the factor of the learning rates at step `step` (from 0): warm-up, then constant or cosine to 0."""
    if step < config.warmup_steps:
        return (step + 1) / config.warmup_steps
    if config.schedule == "constant":
        return 1.0
    progress = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return 0.5 * (1 + math.cos(math.pi * progress))


def build_optimiser(network: LinkNet, config: TrainingConfig, pretrained_stages: int) -> torch.optim.Optimizer:
    """Return the optimiser over everything that is not frozen.

    Args:
        network: With its frozen stages frozen already.
        pretrained_stages: The encoder stages from the bottom that learn at `pretrained_learning_rate`.
    """
    pretrained = [p for name in ENCODER_STAGES[:pretrained_stages] for m in network.stage(name) for p in m.parameters()]
    gentle = {id(parameter) for parameter in pretrained}
    learning = [parameter for parameter in network.parameters() if parameter.requires_grad]
    groups = []
    for initial_lr, members in (
        (config.pretrained_learning_rate, [p for p in learning if id(p) in gentle]),
        (config.learning_rate, [p for p in learning if id(p) not in gentle]),
    ):
        for decay, chosen in (
            (config.weight_decay, [p for p in members if p.ndim > 1]),
            (0.0, [p for p in members if p.ndim <= 1]),
        ):
            if chosen:
                groups.append({"params": chosen, "lr": initial_lr, "weight_decay": decay, "initial_lr": initial_lr})
    if config.optimiser == "sgd":
        return UncompiledSGD(groups, lr=config.learning_rate, momentum=config.momentum)
    return UncompiledAdamW(groups, lr=config.learning_rate)
