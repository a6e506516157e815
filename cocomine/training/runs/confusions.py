"""Which label was predicted where which one is true, image by image?

A confusion matrix holds counted pixels by true label (row) and predicted label (column); pixels labelled 255 count
nowhere. Of each image only the cells that occur are kept: a matrix of 253 labels has 64,009 cells, an image fills a few
dozen of them. So the counts of any images can be added, resampled for an interval, or searched for a confusion.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cocomine.labels.table import IGNORED_LABEL

IntArray = npt.NDArray[np.int64]


def confusion_matrix(truth: npt.NDArray[Any], prediction: npt.NDArray[Any], label_count: int) -> IntArray:
    """Count pixels by true label (row) and predicted label (column), (label_count, label_count)."""
    counted = truth != IGNORED_LABEL
    cells = truth[counted].astype(np.int64) * label_count + prediction[counted]
    return np.bincount(cells, minlength=label_count**2).reshape(label_count, label_count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Areas:
    """Pixels of each label in each image, (image_count, label_count) each."""

    right: IntArray  # true and predicted
    true: IntArray
    predicted: IntArray

    @property
    def union(self) -> IntArray:
        """Pixels that are true or predicted."""
        return self.true + self.predicted - self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusions:
    """The filled cells of the confusion matrices of some images, image after image."""

    label_count: int
    image_count: int
    image_index: IntArray  # of each cell, ascending
    cell: IntArray  # true label * label_count + predicted label
    pixels: IntArray  # how many; at least 1

    @classmethod
    def of_image(cls, truth: npt.NDArray[Any], prediction: npt.NDArray[Any], label_count: int) -> "Confusions":
        """Return those of one image, from its label maps (height, width)."""
        matrix = confusion_matrix(truth, prediction, label_count).ravel()
        cell = np.flatnonzero(matrix)
        return cls(
            label_count=label_count,
            image_count=1,
            image_index=np.zeros(len(cell), dtype=np.int64),
            cell=cell,
            pixels=matrix[cell],
        )

    @classmethod
    def joined(cls, parts: Sequence["Confusions"]) -> "Confusions":
        """Return those of the images of all parts (at least one), in their order."""
        starts = np.cumsum([0, *(part.image_count for part in parts)])
        return cls(
            label_count=parts[0].label_count,
            image_count=int(starts[-1]),
            image_index=np.concatenate([start + part.image_index for start, part in zip(starts, parts, strict=False)]),
            cell=np.concatenate([part.cell for part in parts]),
            pixels=np.concatenate([part.pixels for part in parts]),
        )

    def first(self, image_count: int | None) -> "Confusions":
        """Return those of the first so many images; None: of all."""
        if image_count is None or image_count >= self.image_count:
            return self
        end = int(np.searchsorted(self.image_index, image_count))
        return Confusions(
            label_count=self.label_count,
            image_count=image_count,
            image_index=self.image_index[:end],
            cell=self.cell[:end],
            pixels=self.pixels[:end],
        )

    def total(self) -> IntArray:
        """Return the matrix of all images together, (label_count, label_count)."""
        return self._summed(self.cell, self.label_count**2).reshape(self.label_count, self.label_count)

    def areas(self) -> Areas:
        """Return the pixels of each label in each image."""
        true, predicted = np.divmod(self.cell, self.label_count)
        is_right = true == predicted
        return Areas(
            right=self._by_image(true[is_right], is_right),
            true=self._by_image(true),
            predicted=self._by_image(predicted),
        )

    def _by_image(self, labels: IntArray, chosen: npt.NDArray[np.bool_] | slice = slice(None)) -> IntArray:
        rows = self.image_index[chosen] * self.label_count + labels
        summed = self._summed(rows, self.image_count * self.label_count, chosen)
        return summed.reshape(self.image_count, self.label_count)

    def _summed(
        self, places: IntArray, place_count: int, chosen: npt.NDArray[np.bool_] | slice = slice(None)
    ) -> IntArray:
        # bincount adds weights as float64, which is exact below 2**53 pixels
        return np.bincount(places, self.pixels[chosen], minlength=place_count).astype(np.int64)
