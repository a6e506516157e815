"""How good is a prediction?

All numbers come from sums over pixels that can be added up over images, so that a result never
depends on how images were batched. Pixels labelled 255 count nowhere.

* Headline: *class mIoU*, the mean IoU of the selected classes (background and other classes left
  out), from one confusion matrix over all images. A class that is neither in the
  truth nor predicted has no IoU (NaN) and does not count; one that is only predicted has 0.
* "Paper metric": Eq. 2 as printed is y p / (y + p - y p), which is p where y = 1 and 0 where
  y = 0; its sum over the labels is the probability of the true label. So the number is the *mean
  probability of the true label* over pixels, background included. Eq. 3 is the cross entropy.
* The *background baseline* is the yardstick of each: calling every pixel background. Its cross entropy would be
  infinite, so there it is that of the best constant guess, the entropy of the label shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cocomine.labels.table import IGNORED_LABEL
from cocomine.training.runs.records import Scores

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def confusion_matrix(truth: npt.NDArray[Any], prediction: npt.NDArray[Any], label_count: int) -> IntArray:
    """Count pixels by true label (row) and predicted label (column), (label_count, label_count)."""
    counted = truth != IGNORED_LABEL
    cells = truth[counted].astype(np.int64) * label_count + prediction[counted]
    return np.bincount(cells, minlength=label_count**2).reshape(label_count, label_count)


def iou_per_label(confusion: IntArray) -> FloatArray:
    """Return intersection over union of each label, NaN where truth and prediction both lack it."""
    intersection = confusion.diagonal()
    union = confusion.sum(0) + confusion.sum(1) - intersection
    iou: FloatArray = np.full(len(union), np.nan)
    np.divide(intersection, union, out=iou, where=union > 0)
    return iou


def class_mean_iou(confusion: IntArray, selected: Sequence[int]) -> float:
    """Return the mean IoU of the labels `selected`; NaN if none of them occurs."""
    iou = iou_per_label(confusion)[list(selected)]
    present = iou[~np.isnan(iou)]
    return float(present.mean()) if len(present) else float("nan")


def pixel_accuracy(confusion: IntArray) -> float:
    """Return the share of counted pixels whose label is right; NaN without pixels."""
    total = int(confusion.sum())
    return float(confusion.trace() / total) if total else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftSums:
    """Sums over counted pixels at training size: what Eq. 2 and Eq. 3 are means of."""

    pixels_per_label: tuple[int, ...]
    true_probability: float
    negative_log_likelihood: float


def soft_sums(probabilities: npt.NDArray[Any], truth: npt.NDArray[Any]) -> SoftSums:
    """Return the sums of one image.

    Args:
        probabilities: (label_count, h, w), summing to 1 over the labels.
        truth: (h, w), 255 ignored.
    """
    label_count = len(probabilities)
    counted = truth != IGNORED_LABEL
    labels = truth[counted].astype(np.int64)
    p_true = np.take_along_axis(probabilities[:, counted], labels[np.newaxis], axis=0)[0].astype(np.float64)
    return SoftSums(
        pixels_per_label=tuple(int(count) for count in np.bincount(labels, minlength=label_count)),
        true_probability=float(p_true.sum()),
        negative_log_likelihood=float(-np.log(np.maximum(p_true, 1e-12)).sum()),
    )


def added(sums: Sequence[SoftSums]) -> SoftSums:
    """Return the sums over several images (at least one)."""
    return SoftSums(
        pixels_per_label=tuple(int(n) for n in np.sum([s.pixels_per_label for s in sums], axis=0)),
        true_probability=sum(s.true_probability for s in sums),
        negative_log_likelihood=sum(s.negative_log_likelihood for s in sums),
    )


def mean_true_probability(sums: SoftSums) -> float:
    """Return the paper's Eq. 2 number. Source: its equation 2, see the module's words."""
    return _share(sums.true_probability, sums)


def mean_cross_entropy(sums: SoftSums) -> float:
    """Return the mean cross entropy in nats. Source: the paper's equation 3."""
    return _share(sums.negative_log_likelihood, sums)


def _share(value: float, sums: SoftSums) -> float:
    pixels = sum(sums.pixels_per_label)
    return value / pixels if pixels else float("nan")


def constant_guess_entropy(sums: SoftSums) -> float:
    """Return the least cross entropy that a prediction the same for every pixel can have, in nats."""
    counts = np.array([count for count in sums.pixels_per_label if count], dtype=np.float64)
    shares = counts / counts.sum()
    return float(-(shares * np.log(shares)).sum()) + 0.0


def background_confusion(confusion: IntArray) -> IntArray:
    """Return the confusion matrix of calling every pixel background, for the same truth."""
    baseline = np.zeros_like(confusion)
    baseline[:, 0] = confusion.sum(1)
    return baseline


def scores(confusion: IntArray, sums: SoftSums, selected: Sequence[int]) -> Scores:
    """Return the numbers of a prediction.

    Args:
        confusion: At native size, over all images of the evaluation.
        sums: At training size, over the same images.
        selected: The labels of the selected classes.
    """
    return _scores(
        confusion,
        selected,
        mean_true_probability=mean_true_probability(sums),
        cross_entropy=mean_cross_entropy(sums),
    )


def background_baseline(confusion: IntArray, sums: SoftSums, selected: Sequence[int]) -> Scores:
    """Return the numbers of calling every pixel background on the same images; arguments as for `scores`."""
    return _scores(
        background_confusion(confusion),
        selected,
        mean_true_probability=_share(sums.pixels_per_label[0], sums),
        cross_entropy=constant_guess_entropy(sums),
    )


def _scores(
    confusion: IntArray, selected: Sequence[int], *, mean_true_probability: float, cross_entropy: float
) -> Scores:
    return Scores(
        mean_iou=_rounded(class_mean_iou(confusion, selected)),
        iou=[_rounded(value) for value in iou_per_label(confusion)],
        pixel_accuracy=_rounded(pixel_accuracy(confusion)),
        mean_true_probability=_rounded(mean_true_probability),
        cross_entropy=_rounded(cross_entropy),
    )


def _rounded(value: float) -> float | None:
    """Return a number as JSON holds it; NaN as None."""
    return None if np.isnan(value) else round(float(value), 6)
