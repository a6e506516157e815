"""How good is the network on these images?

Every image is predicted at training size; its logits are enlarged bilinearly to the image's own
size, where the label of the largest is compared with the exact label map (the score of a map
squeezed to 128 px would flatter). Eq. 2 and Eq. 3 are taken at training size, as the paper does.
The counts are kept per image, so that any subset of them can be summed, or resampled for an interval.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from cocomine.labels.table import IGNORED_LABEL
from cocomine.training.augmentation import normalised
from cocomine.training.data import SplitArrays, UInt8Array
from cocomine.training.group import ALONE, Group
from cocomine.training.linknet import LinkNet
from cocomine.training.metrics import (
    SoftSums,
    added,
    baseline_scores,
    empty_prediction,
    network_scores,
    soft_sums,
)
from cocomine.training.runs.confusions import Confusions
from cocomine.training.runs.interval import mean_iou_interval
from cocomine.training.runs.records import EvalLine

_BATCH_SIZE = 16
_ROUNDING = 1e-3  # of logits, by which an enlarged one may miss its bounds
LoadTruth = Callable[[int], UInt8Array]
OnImage = Callable[[int, UInt8Array, UInt8Array], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The counts of each image, in the order of the arrays."""

    image_ids: tuple[int, ...]
    network: Confusions  # at native size
    prior: Confusions  # of the prior mask, at native size
    prior_at_training_size: Confusions
    sums: tuple[SoftSums, ...]  # of the network, at training size

    def line(self, step: int, selected: Sequence[int], *, limit: int | None = None) -> EvalLine:
        """Return the numbers over the first `limit` images (None: all) of the labels `selected`."""
        images = self.network.first(limit)
        confusion, areas = images.total(), images.areas()
        prior, at_training_size = self.prior.first(limit).total(), self.prior_at_training_size.first(limit).total()
        interval = mean_iou_interval(areas, selected)
        scores = network_scores(confusion, added(self.sums[:limit]), selected)
        return EvalLine(
            step=step,
            image_count=images.image_count,
            background_baseline=baseline_scores(
                empty_prediction(confusion), empty_prediction(at_training_size), selected
            ),
            prior_baseline=baseline_scores(prior, at_training_size, selected),
            mean_iou_interval=None if interval is None else (round(interval.low, 6), round(interval.high, 6)),
            image_counts=[int(count) for count in (areas.true > 0).sum(0)],
            pixel_counts=[int(count) for count in areas.true.sum(0)],
            **msgspec.structs.asdict(scores),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _ImageCounts:
    """What an evaluation keeps of one image."""

    network: Confusions
    prior: Confusions
    prior_at_training_size: Confusions
    sums: SoftSums


def evaluate(
    network: LinkNet,
    arrays: SplitArrays,
    load_truth: LoadTruth,
    *,
    prior: UInt8Array,
    limit: int | None = None,
    on_image: OnImage,
    group: Group = ALONE,
) -> Evaluation:
    """Return the counts of the first `limit` images; the network is left in evaluation mode.

    Of several processes each takes every so many batches, the same that one alone would form, and gets all counts.

    Args:
        network: On the device to compute on.
        arrays: Images and label maps at training size.
        load_truth: Gives the exact label map (height, width) of an image id.
        prior: The prior mask (size, size), a baseline.
        limit: None takes all.
        on_image: Called after each image with its index, its true and its predicted label map at native size;
            what it raises ends the evaluation.
        group: Of the processes that evaluate together.
    """
    network.eval()
    own: dict[int, _ImageCounts] = {}
    image_ids = arrays.image_ids[:limit]
    for start in range(group.rank * _BATCH_SIZE, len(image_ids), group.size * _BATCH_SIZE):
        stop = min(start + _BATCH_SIZE, len(image_ids))
        for index, logits in enumerate(_logits(network, arrays.images[start:stop]), start=start):
            truth = load_truth(image_ids[index])
            prediction = predicted_labels(logits, truth.shape[0], truth.shape[1])
            own[index] = _counts(logits, prediction, truth, at_training_size=arrays.labels[index], prior=prior)
            on_image(index, truth, prediction)
    by_index = {index: each for part in group.joined(own) for index, each in part.items()}
    counted = [by_index[index] for index in range(len(image_ids))]
    return Evaluation(
        image_ids=image_ids,
        network=Confusions.joined([each.network for each in counted]),
        prior=Confusions.joined([each.prior for each in counted]),
        prior_at_training_size=Confusions.joined([each.prior_at_training_size for each in counted]),
        sums=tuple(each.sums for each in counted),
    )


def _counts(
    logits: Tensor, prediction: UInt8Array, truth: UInt8Array, *, at_training_size: UInt8Array, prior: UInt8Array
) -> _ImageCounts:
    label_count = len(logits)
    return _ImageCounts(
        network=Confusions.of_image(truth, prediction, label_count),
        prior=Confusions.of_image(truth, enlarged_labels(prior, truth.shape[0], truth.shape[1]), label_count),
        prior_at_training_size=Confusions.of_image(at_training_size, prior, label_count),
        sums=soft_sums(_log_probabilities(logits, at_training_size), at_training_size),
    )


@torch.no_grad()
def _logits(network: LinkNet, images: npt.NDArray[np.uint8]) -> Tensor:
    device = next(network.parameters()).device
    logits: Tensor = network(normalised(images, device))
    return logits.float()  # (n, label_count, size, size)


def _log_probabilities(logits: Tensor, truth: UInt8Array) -> npt.NDArray[np.float32]:
    """Return the logarithm of the probability of the true label, (h, w); 0 where that is 255."""
    labels = torch.from_numpy(truth.astype(np.int64)).to(logits.device)
    losses = functional.cross_entropy(logits[None], labels[None], ignore_index=IGNORED_LABEL, reduction="none")
    log_probabilities: npt.NDArray[np.float32] = -losses[0].cpu().numpy()
    return log_probabilities


def enlarged_labels(labels: UInt8Array, height: int, width: int) -> UInt8Array:
    """Return a label map (h, w) as (height, width), each pixel with the label at its centre."""
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(int)
    enlarged: UInt8Array = labels[rows[:, np.newaxis], columns]
    return enlarged


@torch.no_grad()
def predicted_labels(logits: Tensor, height: int, width: int) -> UInt8Array:
    """Return the label map (height, width) of logits (label_count, h, w); the lowest label wins a tie.

    Labels are enlarged one by one: all at once would take gigabytes for 80 classes on a large image. Those that
    can be the largest nowhere are not enlarged at all.
    """
    best = torch.full((height, width), -torch.inf, device=logits.device)
    labels = torch.zeros((height, width), dtype=torch.uint8, device=logits.device)
    for label in _possible_labels(logits):
        enlarged = functional.interpolate(logits[None, label : label + 1], size=(height, width), mode="bilinear")[0, 0]
        labels.masked_fill_(enlarged > best, label)
        torch.maximum(best, enlarged, out=best)
    return labels.cpu().numpy()


def _possible_labels(logits: Tensor) -> list[int]:
    """Return the labels that may be the largest somewhere in the enlarged logits.

    An enlarged logit is a mean of four neighbours. Between four neighbours, no label counts whose largest is below the
    smallest of another.
    """
    logits = functional.pad(logits[None], (0, 1, 0, 1), mode="replicate")[0]  # a side of one has neighbours, too
    largest = torch.maximum(logits[:, 1:], logits[:, :-1])
    largest = torch.maximum(largest[..., 1:], largest[..., :-1])  # (label_count, h, w)
    smallest = torch.minimum(logits[:, 1:], logits[:, :-1])
    smallest = torch.minimum(smallest[..., 1:], smallest[..., :-1])
    is_possible = (largest >= smallest.amax(0) - _ROUNDING).flatten(1).any(1)
    labels: list[int] = is_possible.nonzero().flatten().tolist()
    return labels
