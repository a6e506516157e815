"""Which images does a confusion come from, and which are predicted worst?

Both from what an evaluation counted in each image. Of equal images the one that was evaluated first comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cocomine.training.runs.evaluation_file import ImageCounts

MOST_IMAGES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfusedImage:
    """An image with pixels of one label that are predicted as another."""

    image_id: int
    pixel_count: int
    share: float  # of the image's pixels of the true label, in (0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoredImage:
    """An image with the mean IoU of labels in it."""

    image_id: int
    iou: float
    label_count: int  # of these labels that are in its ground truth


def most_confused(counts: ImageCounts, truth: int, prediction: int, most: int = MOST_IMAGES) -> list[ConfusedImage]:
    """Return the images with the most pixels of label `truth` that are predicted as `prediction`, most first."""
    confusions = counts.confusions
    places = np.flatnonzero(confusions.cell == truth * confusions.label_count + prediction)
    ordered = places[np.argsort(-confusions.pixels[places], kind="stable")][:most]
    true = confusions.areas().true
    return [
        ConfusedImage(image_id=counts.image_ids[image], pixel_count=pixels, share=pixels / int(true[image, truth]))
        for image, pixels in zip(
            confusions.image_index[ordered].tolist(), confusions.pixels[ordered].tolist(), strict=True
        )
    ]


def lowest_iou(counts: ImageCounts, labels: Sequence[int], most: int = MOST_IMAGES) -> list[ScoredImage]:
    """Return the images with the lowest mean IoU of these labels, lowest first.

    The mean is over those of the labels that have true pixels in the image, each with its IoU in that image alone:
    pixels that are true and predicted by pixels that are true or predicted. An image with none of them has no mean.
    """
    areas = counts.confusions.areas()
    right, union, true = (part[:, list(labels)] for part in (areas.right, areas.union, areas.true))
    is_there = true > 0
    label_counts = is_there.sum(1)
    ious = np.divide(right, union, out=np.zeros(right.shape), where=is_there)
    images = np.flatnonzero(label_counts)
    means = ious.sum(1)[images] / label_counts[images]
    return [
        ScoredImage(
            image_id=counts.image_ids[images[place]],
            iou=float(means[place]),
            label_count=int(label_counts[images[place]]),
        )
        for place in np.argsort(means, kind="stable")[:most]
    ]
