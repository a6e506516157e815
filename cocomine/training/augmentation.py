"""How do arrays become a batch for the network?

Images are normalised as torchvision's ImageNet weights expect. Augmentation works on whole
batches of tensors (a flip, a crop of 0.5 to 1 of the side, brightness and contrast) and draws
from a generator of (seed, step) only, so that a step's batch never depends on what ran before. It is drawn for the
whole batch, whichever part of it a process takes.
"""

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cocomine.training.data import SplitArrays, batch_indices
from cocomine.training.group import ALONE, Group
from cocomine.training.runs.config import TrainingConfig

_MEAN = (0.485, 0.456, 0.406)  # of ImageNet, RGB in [0, 1]; torchvision's weights are trained with these
_STD = (0.229, 0.224, 0.225)
_LEAST_CROP = 0.5
_COLOUR_RANGE = 0.2


def normalised(images: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    """Turn images (n, h, w, 3) into the network's input (n, 3, h, w)."""
    return standardised(_as_floats(images, device))


def _as_floats(images: npt.NDArray[np.uint8], device: torch.device) -> Tensor:
    tensor = torch.from_numpy(np.array(images)).to(device)  # a copy: memory maps are read-only
    return tensor.permute(0, 3, 1, 2).contiguous().float().div_(255)  # (n, 3, h, w)


def standardised(images: Tensor) -> Tensor:
    """Turn RGB in [0, 1], (n, 3, h, w), into what the encoders' weights expect."""
    mean = torch.tensor(_MEAN, device=images.device).view(3, 1, 1)
    std = torch.tensor(_STD, device=images.device).view(3, 1, 1)
    return (images - mean).div_(std)


def training_batch(
    arrays: SplitArrays, config: TrainingConfig, *, step: int, device: torch.device, group: Group = ALONE
) -> tuple[Tensor, Tensor]:
    """Return the input (n, 3, h, w) and the labels (n, h, w) int64 of step `step`; a pure function of its arguments.

    Of several processes each gets its share of the images; put together, they are those that one alone gets.
    """
    own = group.share(config.batch_size)
    place = torch.device("cpu") if device.type == "mps" else device  # Apple's GPUs cannot repeat an image's border
    indices = batch_indices(len(arrays.image_ids), config.batch_size, seed=config.seed, step=step)[own]
    images = _as_floats(arrays.images[indices], place)
    labels = torch.from_numpy(np.array(arrays.labels[indices])).to(place)  # (n, h, w)
    if config.augment:
        batch_seed = int(np.random.SeedSequence((config.seed, step)).generate_state(1, np.uint64)[0] >> np.uint64(1))
        changes = drawn_changes(config.batch_size, torch.Generator().manual_seed(batch_seed))
        images, labels = augmented(images, labels, changes[own])
    return standardised(images).to(device), labels.long().to(device)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What augmentation does to each image of a batch; tensors (n,) on the CPU, whatever the batch's device."""

    side: Tensor  # of the crop, as a share of the image's
    centre_x: Tensor  # of the crop, -1 to 1 over the image
    centre_y: Tensor
    flip: Tensor  # -1 where it is mirrored, else 1
    brightness: Tensor
    contrast: Tensor

    def __getitem__(self, rows: slice) -> "Changes":
        return Changes(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


def drawn_changes(count: int, generator: torch.Generator) -> Changes:
    """Draw what is done to `count` images, with a generator on the CPU, so that all devices draw the same."""
    side = 1 - (1 - _LEAST_CROP) * torch.rand(count, generator=generator)
    centre_x, centre_y = (2 * torch.rand(2, count, generator=generator) - 1) * (1 - side)
    flip = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    brightness, contrast = 1 + _COLOUR_RANGE * (2 * torch.rand(2, count, generator=generator) - 1)
    return Changes(side=side, centre_x=centre_x, centre_y=centre_y, flip=flip, brightness=brightness, contrast=contrast)


def augmented(images: Tensor, labels: Tensor, changes: Changes) -> tuple[Tensor, Tensor]:
    """Return the batch flipped, cropped and recoloured; labels keep their values.

    Args:
        images: (n, 3, h, w) in [0, 1].
        labels: (n, h, w) uint8.
        changes: One for each image.
    """
    side, zero = changes.side, torch.zeros(len(images))
    rows = [side * changes.flip, zero, changes.centre_x, zero, side, changes.centre_y]
    theta = torch.stack(rows, dim=1).view(len(images), 2, 3)
    grid = functional.affine_grid(theta.to(images.device), list(images.shape), align_corners=False)
    images = functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
    moved = functional.grid_sample(
        labels[:, None].float(), grid, mode="nearest", padding_mode="border", align_corners=False
    )
    return _recoloured(images, changes), moved[:, 0].to(torch.uint8)


def _recoloured(images: Tensor, changes: Changes) -> Tensor:
    """Recolour `images` in place, and return them."""
    factors = torch.stack([changes.brightness, changes.contrast])[..., None, None, None]
    brightness, contrast = factors.to(images.device)  # (n, 1, 1, 1)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    return images.sub_(mean).mul_(contrast).add_(mean).mul_(brightness).clamp_(0, 1)
