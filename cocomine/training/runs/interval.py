"""How far would mIoU move with other images of the same kind?

A 95 % interval over images by the jackknife: mIoU is taken again without each image in turn, on the logit scale, where
it is closer to normal and cannot leave [0, 1]. The interval reaches from the smaller to the larger of mIoU and its
bias-corrected value, and t standard errors beyond: with a few images of a class, mIoU is too low on average.

Tried in a simulated world (see the tests) against the delta method and the percentile bootstrap with 3 to 80 classes on
20 to 300 images: the jackknife holds the true value in 91 to 97 of 100 cases, the others in as few as 76 and 84 with 8
classes on 40 images. A class in one image alone has no spread of its own there, here its loss is felt. It needs no
random numbers, and its cost is that of one pass over the images.

Sources: Miller, "The jackknife - a review", Biometrika 61 (1974), for the logit scale; Efron and Tibshirani, "An
Introduction to the Bootstrap" (1993), equations 11.4 and 11.5, for bias and standard error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit, stdtrit

from cocomine.training.runs.confusions import Areas

LEVEL = 0.95
FEWEST_IMAGES = 5
"""With the label, for an interval of its IoU."""
_NEAREST = 1e-6  # to 0 and 1 that a value without one image may be: its logit must be a number
FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """Bounds of a share, in [0, 1], or of a difference of two."""

    low: float
    high: float


def mean_iou_interval(areas: Areas, selected: Sequence[int]) -> Interval | None:
    """Return the 95 % interval over images of the mean IoU of the labels `selected`.

    Returns:
        None where there is none: fewer than two images, an mIoU of exactly 0 or 1, or an image without which no
        class is left.
    """
    labels = list(selected)
    return _interval(float(_whole(areas, labels)), _without_each(areas, labels))


def iou_intervals(areas: Areas) -> list[Interval | None]:
    """Return the 95 % interval over images of the IoU of each label.

    Only images in which the label is true or predicted say anything of it; the others would pretend to degrees of
    freedom. So each label has its own images, in which the jackknife is that of a mean IoU of one class.

    Returns:
        For each label; None where there is none, see `mean_iou_interval`, or fewer than `FEWEST_IMAGES` hold it.
    """
    return [_label_interval(areas, label) for label in range(areas.true.shape[1])]


def mean_iou_difference(first: Areas, second: Areas, selected: Sequence[int]) -> Interval | None:
    """Return the 95 % interval over images of how much higher the second mean IoU is, in [-1, 1].

    Both are of the same images in the same order: leaving one out changes both, so that images which are hard for both
    do not widen it. By the jackknife, on the plain scale, since a difference has no logit.

    Returns:
        None where there is none: fewer than `FEWEST_IMAGES` images, two networks that no image tells apart, or an image
        without which no class is left.
    """
    labels = list(selected)
    without = _without_each(second, labels) - _without_each(first, labels)  # (image_count,)
    image_count = len(without)
    if image_count < FEWEST_IMAGES or np.isnan(without).any() or not np.ptp(without):
        return None
    centre = float(_whole(second, labels) - _whole(first, labels))
    error = np.sqrt((image_count - 1) / image_count * ((without - without.mean()) ** 2).sum())
    reach = float(stdtrit(image_count - 1, (1 + LEVEL) / 2) * error)
    return Interval(low=max(-1.0, centre - reach), high=min(1.0, centre + reach))


def _whole(areas: Areas, labels: list[int]) -> FloatArray:
    right, union, true = (part[:, labels].sum(0) for part in (areas.right, areas.union, areas.true))
    return _mean_iou(right, union, true)


def _without_each(areas: Areas, labels: list[int]) -> FloatArray:
    """Return the mean IoU without each image in turn, (image_count,)."""
    right, union, true = (part[:, labels] for part in (areas.right, areas.union, areas.true))
    return _mean_iou(right.sum(0) - right, union.sum(0) - union, true.sum(0) - true)


def _label_interval(areas: Areas, label: int) -> Interval | None:
    if np.count_nonzero(areas.true[:, label]) < FEWEST_IMAGES:
        return None
    is_there = areas.union[:, label] > 0
    right, true, predicted = (part[is_there, label, None] for part in (areas.right, areas.true, areas.predicted))
    return mean_iou_interval(Areas(right=right, true=true, predicted=predicted), [0])


def _interval(whole: float, without: FloatArray) -> Interval | None:
    """Return the jackknife's interval of a share.

    Args:
        whole: Of all images.
        without: Of all images but one, for each of them (image_count,); NaN where it is not defined.
    """
    image_count = len(without)
    if image_count < 2 or not 0 < whole < 1 or np.isnan(without).any():
        return None
    centre, others = logit(whole), logit(without.clip(_NEAREST, 1 - _NEAREST))
    corrected = image_count * centre - (image_count - 1) * others.mean()
    error = np.sqrt((image_count - 1) / image_count * ((others - others.mean()) ** 2).sum())
    reach = stdtrit(image_count - 1, (1 + LEVEL) / 2) * error
    return Interval(low=float(expit(min(centre, corrected) - reach)), high=float(expit(max(centre, corrected) + reach)))


def _mean_iou(right: npt.NDArray[np.int64], union: npt.NDArray[np.int64], true: npt.NDArray[np.int64]) -> FloatArray:
    """Return the mean IoU over the last axis of the labels that have true pixels; NaN where none has."""
    is_scored = true > 0
    iou = np.divide(right, union, out=np.zeros(right.shape), where=is_scored)
    count = is_scored.sum(-1)
    mean: FloatArray = np.full(np.shape(count), np.nan)
    np.divide(iou.sum(-1), count, out=mean, where=count > 0)
    return mean
