"""How much memory and disk does a run need?

Memory is counted, not measured: the program with PyTorch; the weights, and two copies of them while they are updated
and written; a gradient and the optimiser's numbers for each weight that is trained; what a step keeps of each image of
a batch (`network_size.kept_numbers`), and what it takes for a moment at the image's full size. All numbers have 4
bytes; with half precision on a GPU less is needed.
"""

from dataclasses import dataclass

from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.encoders import ENCODERS
from cocomine.training.runs.network_size import kept_numbers, parameter_count

FLOAT_BYTES = 4
ARRAY_BYTES_PER_PX = 4
"""Of a prepared image: three of it, one of its label map."""
WEIGHT_COPIES = 3
MOMENTARY_PER_PX = 160
"""Numbers for each pixel of an image that augmentation and gradients take for a moment; measured."""
PROGRAM_BYTES = 425_000_000
"""Of Python with PyTorch and an open export, before there is a network; measured with PyTorch 2.13 for CPUs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryNeed:
    """What the memory of a run consists of, in bytes."""

    program: int
    weights: int
    gradients: int
    optimiser: int
    images: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.program + self.weights + self.gradients + self.optimiser + self.images


def memory_need(config: TrainingConfig, *, size_px: int, label_count: int, frozen_stages: int) -> MemoryNeed:
    """Return how much memory a run takes.

    Args:
        size_px: side of the training images.
        label_count: mask values, background included.
        frozen_stages: that are really frozen: only stages whose weights were loaded are.
    """
    encoder = ENCODERS[config.encoder]
    whole = FLOAT_BYTES * parameter_count(encoder, label_count)
    trained = FLOAT_BYTES * parameter_count(encoder, label_count, frozen_stages=frozen_stages)
    kept = kept_numbers(encoder, label_count, side_px=size_px, frozen_stages=frozen_stages)
    return MemoryNeed(
        program=PROGRAM_BYTES,
        weights=whole * (WEIGHT_COPIES + bool(config.average_decay)),
        gradients=trained,
        optimiser=trained * moments_per_weight(config),
        images=FLOAT_BYTES * (kept + MOMENTARY_PER_PX * size_px**2) * config.batch_size,
    )


def moments_per_weight(config: TrainingConfig) -> int:
    """Return how many numbers the optimiser keeps for each trained weight."""
    return 2 if config.optimiser == "adamw" else int(config.momentum > 0)


def disk_need(config: TrainingConfig, *, size_px: int, label_count: int, image_count: int) -> int:
    """Return how many bytes a run writes at most: prepared images, two checkpoints, and the best weights.

    There are two while a new checkpoint is written beside the one that it replaces.

    Args:
        size_px: side of the training images.
        label_count: mask values, background included.
        image_count: that are prepared, for training and validation.
    """
    arrays = image_count * size_px**2 * ARRAY_BYTES_PER_PX
    weights = FLOAT_BYTES * parameter_count(ENCODERS[config.encoder], label_count)
    checkpoint = weights * (1 + moments_per_weight(config) + bool(config.average_decay))
    return arrays + 2 * checkpoint + weights
