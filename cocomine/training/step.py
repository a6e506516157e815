"""What happens in one training step?

A batch, the network's answer, the loss, its gradients, and the update. Which images, which augmentation and which
learning rates a step has follows from the settings and its number alone, so nothing here remembers the step before.
"""

import contextlib
import math

import torch

from cocomine.training.augmentation import training_batch
from cocomine.training.averaging import update_average
from cocomine.training.data import SplitArrays
from cocomine.training.group import Group
from cocomine.training.model import Model
from cocomine.training.optimiser import Loss, learning_rate_factor, segmentation_loss
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.faults import DivergedError
from cocomine.training.runs.records import TrainLine


def train_step(model: Model, arrays: SplitArrays, config: TrainingConfig, step: int) -> TrainLine:
    """Do optimiser update `step` (from 0) and return its numbers, as of step `step + 1`.

    Raises:
        DivergedError: The loss is no finite number.
    """
    processes, device = model.group, model.device
    images, labels = training_batch(arrays, config, step=step, device=device, group=processes)
    factor = learning_rate_factor(config, step)
    for group in model.optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor

    if not model.network.training:  # asked of each of its modules, so not at every step
        model.network.train()
    with _precision(device, config):
        logits = model.trained(images)  # (n, label_count, h, w)
    loss = segmentation_loss(logits.float(), labels, config.loss, processes)
    numbers = _whole(loss, processes)
    if not math.isfinite(value := numbers[0]):
        raise DivergedError(
            f"Training: the loss of step {step + 1} is {value}, so the run diverged. "
            f"Resume or start a new run with a lower learning rate (it was {config.learning_rate:g})."
        )
    model.optimiser.zero_grad(set_to_none=True)  # it has all that learns
    (loss.total * processes.size).backward()  # type: ignore[no-untyped-call]  # the mean over processes is then the sum
    model.optimiser.step()
    if model.average is not None:
        update_average(model.average, model.network, decay=config.average_decay, step=step)

    return TrainLine(
        step=step + 1,
        loss=round(value, 6),
        cross_entropy=round(numbers[1], 6),
        dice=None if loss.dice is None else round(numbers[2], 6),
        learning_rate=config.learning_rate * factor,
    )


def _whole(loss: Loss, group: Group) -> list[float]:
    """Return the loss of the whole batch: total, cross entropy and, where it has one, Dice."""
    parts = [each.detach() for each in (loss.total, loss.cross_entropy, loss.dice) if each is not None]
    return [float(number) for number in group.sum(torch.stack(parts))]


def _precision(device: torch.device, config: TrainingConfig) -> contextlib.AbstractContextManager[None]:
    """Half precision where the device has it in hardware; a CPU without it is many times slower with it."""
    if config.half_precision and device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()
