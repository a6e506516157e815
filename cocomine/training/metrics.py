"""How good is a prediction?

All numbers come from sums over pixels that can be added up over images, so that a result never
depends on how images were batched. Pixels labelled 255 count nowhere.

* Headline: *class mIoU*, the mean IoU of the selected classes (background and other classes left out), from one
  confusion matrix over all images. A class without a true pixel in them has no IoU (None): it is named, not scored, or
  one stray pixel would turn an mIoU of 1 into 0.5. Pixels wrongly given to it count against the class they are of.
* "Paper metric": Eq. 2 as printed is y p / (y + p - y p), which is p where y = 1 and 0 where
  y = 0; its sum over the labels is the probability of the true label. So the number is the *mean
  probability of the true label* over pixels, background included. Eq. 3 is the cross entropy.
* Two *baselines* on the same images are the yardstick of each number: the *empty prediction* calls every pixel
  background, the *prior mask* gives each place the label that is most frequent there in the training maps. They are
  labels, not probabilities: their Eq. 2 is the share of right pixels, and their cross entropy, which would be infinite,
  that of the best guess that knows the baseline's label alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cocomine.labels.table import IGNORED_LABEL
from cocomine.training.runs.confusions import IntArray
from cocomine.training.runs.records import Scores

FloatArray = npt.NDArray[np.float64]
_LEAST_LOG = float(np.log(1e-12))  # that a true label of no probability at all costs


def iou_per_label(confusion: IntArray) -> FloatArray:
    """Return intersection over union of each label, NaN for one without a true pixel."""
    right, true = confusion.diagonal(), confusion.sum(1)
    union = true + confusion.sum(0) - right
    iou: FloatArray = np.full(len(union), np.nan)
    np.divide(right, union, out=iou, where=true > 0)
    return iou


def mean_iou(confusion: IntArray, labels: Sequence[int]) -> float:
    """Return the mean IoU of those of `labels` that have one; NaN if none has."""
    iou = iou_per_label(confusion)[list(labels)]
    scored = iou[~np.isnan(iou)]
    return float(scored.mean()) if len(scored) else float("nan")


def pixel_accuracy(confusion: IntArray) -> float:
    """Return the share of counted pixels whose label is right; NaN without pixels."""
    return _share(float(confusion.trace()), int(confusion.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftSums:
    """Sums over counted pixels at training size: what Eq. 2 and Eq. 3 are means of."""

    pixel_count: int
    true_probability: float
    negative_log_likelihood: float


def soft_sums(log_probabilities: npt.NDArray[Any], truth: npt.NDArray[Any]) -> SoftSums:
    """Return the sums of one image.

    Args:
        log_probabilities: (h, w), the logarithm of the probability that the true label was given; anything where
            `truth` is 255.
        truth: (h, w), 255 ignored.
    """
    likelihoods = log_probabilities[truth != IGNORED_LABEL].astype(np.float64)
    return SoftSums(
        pixel_count=len(likelihoods),
        true_probability=float(np.exp(likelihoods).sum()),
        negative_log_likelihood=float(-likelihoods.clip(min=_LEAST_LOG).sum()),
    )


def added(sums: Sequence[SoftSums]) -> SoftSums:
    """Return the sums over several images."""
    return SoftSums(
        pixel_count=sum(each.pixel_count for each in sums),
        true_probability=sum(each.true_probability for each in sums),
        negative_log_likelihood=sum(each.negative_log_likelihood for each in sums),
    )


def conditional_entropy(confusion: IntArray) -> float:
    """Return the least cross entropy in nats that a guess can have which knows the predicted label alone.

    It gives each true label the share that it has among the pixels of that predicted label. Source: the entropy of the
    truth given the prediction, Cover and Thomas, "Elements of Information Theory", equation 2.10.
    """
    predicted = np.broadcast_to(confusion.sum(0), confusion.shape)
    filled = confusion > 0
    information = confusion[filled] * np.log(predicted[filled] / confusion[filled])
    return _share(float(information.sum()), int(confusion.sum()))


def empty_prediction(confusion: IntArray) -> IntArray:
    """Return the confusion matrix of calling every pixel background, for the same truth."""
    baseline = np.zeros_like(confusion)
    baseline[:, 0] = confusion.sum(1)
    return baseline


def network_scores(confusion: IntArray, sums: SoftSums, selected: Sequence[int]) -> Scores:
    """Return the numbers of a network.

    Args:
        confusion: At native size, over all images of the evaluation.
        sums: At training size, over the same images.
        selected: The labels of the selected classes.
    """
    return _scores(
        confusion,
        selected,
        mean_true_probability=_share(sums.true_probability, sums.pixel_count),
        cross_entropy=_share(sums.negative_log_likelihood, sums.pixel_count),
    )


def baseline_scores(confusion: IntArray, at_training_size: IntArray, selected: Sequence[int]) -> Scores:
    """Return the numbers of a prediction that gives labels without probabilities.

    Args:
        confusion: At native size.
        at_training_size: The confusion matrix at training size, over the same images.
        selected: The labels of the selected classes.
    """
    return _scores(
        confusion,
        selected,
        mean_true_probability=pixel_accuracy(at_training_size),
        cross_entropy=conditional_entropy(at_training_size),
    )


def _scores(
    confusion: IntArray, selected: Sequence[int], *, mean_true_probability: float, cross_entropy: float
) -> Scores:
    return Scores(
        mean_iou=rounded(mean_iou(confusion, selected)),
        mean_iou_with_background=rounded(mean_iou(confusion, [0, *selected])),
        iou=[rounded(value) for value in iou_per_label(confusion)],
        pixel_accuracy=rounded(pixel_accuracy(confusion)),
        mean_true_probability=rounded(mean_true_probability),
        cross_entropy=rounded(cross_entropy),
    )


def _share(value: float, count: int) -> float:
    return value / count if count else float("nan")


def rounded(value: float) -> float | None:
    """Return a number as JSON holds it; NaN as None."""
    return None if np.isnan(value) else round(float(value), 6) + 0.0
