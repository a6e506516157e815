"""What happens in one training step?

A batch, the network's answer, the loss, its gradients, and the update. Which images, which augmentation and which
learning rates a step has follows from the settings and its number alone, so nothing here remembers the step before.
"""

import contextlib
import math

import torch

from cocomine.errors import TrainingError
from cocomine.training.augmentation import training_batch
from cocomine.training.data import SplitArrays
from cocomine.training.optimiser import learning_rate_factor, segmentation_loss
from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.records import TrainLine
from cocomine.training.setup import Model


def train_step(model: Model, arrays: SplitArrays, config: TrainingConfig, step: int) -> TrainLine:
    """Do optimiser update `step` (from 0) and return its numbers, as of step `step + 1`.

    Raises:
        TrainingError: The loss is no finite number.
    """
    images, labels = training_batch(arrays, config, step=step, device=model.device)  # (n, 3, h, w), (n, h, w)
    factor = learning_rate_factor(config, step)
    for group in model.optimiser.param_groups:
        group["lr"] = group["initial_lr"] * factor

    model.network.train()
    with _precision(model.device):
        logits = model.network(images)  # (n, label_count, h, w)
    loss = segmentation_loss(logits.float(), labels, config.loss)
    if not math.isfinite(value := float(loss.total.detach())):
        raise TrainingError(
            f"Training: the loss of step {step + 1} is {value}, so the run diverged. "
            f"Start a new run with a lower learning rate (it was {config.learning_rate:g})."
        )
    model.network.zero_grad(set_to_none=True)
    loss.total.backward()  # type: ignore[no-untyped-call]
    model.optimiser.step()

    return TrainLine(
        step=step + 1,
        loss=round(value, 6),
        cross_entropy=round(float(loss.cross_entropy.detach()), 6),
        dice=None if loss.dice is None else round(float(loss.dice.detach()), 6),
        learning_rate=config.learning_rate * factor,
    )


def _precision(device: torch.device) -> contextlib.AbstractContextManager[None]:
    """Half precision where the device has it in hardware; a CPU without it is many times slower with it."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return contextlib.nullcontext()
