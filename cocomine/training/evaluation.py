"""How good is the network on these images?

Every image is predicted at training size; its logits are enlarged bilinearly to the image's own
size, where the label of the largest is compared with the exact label map (the score of a map
squeezed to 128 px would flatter). Eq. 2 and Eq. 3 are taken at training size, as the paper does.
The counts are kept per image, so that any subset of them can be summed, or resampled for an interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cocomine.system.files import atomic_file
from cocomine.training.augmentation import normalised
from cocomine.training.data import SplitArrays, UInt8Array
from cocomine.training.linknet import LinkNet
from cocomine.training.metrics import (
    IntArray,
    SoftSums,
    added,
    background_baseline,
    confusion_matrix,
    scores,
    soft_sums,
)
from cocomine.training.runs.records import EvalLine

_BATCH_SIZE = 16
LoadTruth = Callable[[int], UInt8Array]
OnImage = Callable[[int, UInt8Array, UInt8Array], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The counts of each image, in the order of the arrays."""

    image_ids: tuple[int, ...]
    confusions: tuple[IntArray, ...]  # (label_count, label_count) each, at native size
    sums: tuple[SoftSums, ...]  # at training size

    def line(self, step: int, selected: Sequence[int], *, limit: int | None = None) -> EvalLine:
        """Return the numbers over the first `limit` images (None: all) of the labels `selected`."""
        confusion, sums = np.sum(self.confusions[:limit], axis=0), added(self.sums[:limit])
        return EvalLine(
            step=step,
            image_count=len(self.sums[:limit]),
            background_baseline=background_baseline(confusion, sums, selected),
            **msgspec.structs.asdict(scores(confusion, sums, selected)),
        )

    def write(self, path: Path) -> None:
        """Write `image_ids` (n,) and `confusions` (n, label_count, label_count) as one npz file."""
        with atomic_file(path) as file:
            np.savez_compressed(
                file, image_ids=np.array(self.image_ids, dtype=np.int64), confusions=np.stack(self.confusions)
            )


def evaluate(
    network: LinkNet, arrays: SplitArrays, load_truth: LoadTruth, *, limit: int | None = None, on_image: OnImage
) -> Evaluation:
    """Return the counts of the first `limit` images; the network is left in evaluation mode.

    Args:
        network: On the device to compute on.
        arrays: Images and label maps at training size.
        load_truth: Gives the exact label map (height, width) of an image id.
        limit: None takes all.
        on_image: Called after each image with its index, its true and its predicted label map at native size;
            what it raises ends the evaluation.
    """
    network.eval()
    confusions, sums = [], []
    image_ids = arrays.image_ids[:limit]
    for start in range(0, len(image_ids), _BATCH_SIZE):
        stop = min(start + _BATCH_SIZE, len(image_ids))
        for index, logits in enumerate(_logits(network, arrays.images[start:stop]), start=start):
            truth = load_truth(image_ids[index])
            prediction = predicted_labels(logits, truth.shape[0], truth.shape[1])
            confusions.append(confusion_matrix(truth, prediction, len(logits)))
            sums.append(soft_sums(logits.softmax(0).cpu().numpy(), arrays.labels[index]))
            on_image(index, truth, prediction)
    return Evaluation(image_ids=image_ids, confusions=tuple(confusions), sums=tuple(sums))


@torch.no_grad()
def _logits(network: LinkNet, images: npt.NDArray[np.uint8]) -> Tensor:
    device = next(network.parameters()).device
    logits: Tensor = network(normalised(images, device))
    return logits.float()  # (n, label_count, size, size)


@torch.no_grad()
def predicted_labels(logits: Tensor, height: int, width: int) -> UInt8Array:
    """Return the label map (height, width) of logits (label_count, h, w); the lowest label wins a tie.

    Labels are enlarged one by one: all at once would take gigabytes for 80 classes on a large image.
    """
    best = torch.full((height, width), -torch.inf, device=logits.device)
    labels = torch.zeros((height, width), dtype=torch.uint8, device=logits.device)
    for label, plane in enumerate(logits):
        enlarged = functional.interpolate(plane[None, None], size=(height, width), mode="bilinear")[0, 0]
        better = enlarged > best
        labels[better] = label
        torch.maximum(best, enlarged, out=best)
    return labels.cpu().numpy()
