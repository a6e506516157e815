"""By what truth are the arms of a claim check judged, whatever labels they learned from?

By the selected classes alone, at the image's own size. Where an arm learned from other classes as well, an object
of one of these may lie over one of a selected class, so that the two label rules see a pixel differently. Such pixels
judge nobody: their label is 255, and how many of the selected classes' pixels that are is counted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cocomine.claim.arm_runs import export_folder
from cocomine.claim.arms import ARMS
from cocomine.claim.counts import IntArray
from cocomine.claim.records import Protocol
from cocomine.errors import ClaimError
from cocomine.exporting.reading import ExportSplit
from cocomine.labels.label_map import LabelMap, label_map
from cocomine.labels.table import BACKGROUND_LABEL, IGNORED_LABEL, MAXIMUM_LABEL
from cocomine.mining.selection.selection import Others

_OTHER_LABEL = MAXIMUM_LABEL
"""Of all classes that are not selected, while they are painted; no map that is returned has it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """What is in one test image.

    Attributes:
        labels: 1 to k for the selected classes in their order, 0 for all else, 255 for what judges nobody, (h, w).
        ignored: pixels of each selected class that are 255 since the label rules differ there, (k,).
    """

    labels: LabelMap
    ignored: IntArray


def truth_export(claim: Path, protocol: Protocol) -> Path:
    """Return the export by which all arms of a check are judged: one that holds all classes, where an arm has that."""
    arms = [arm.arm for arm in protocol.arms]
    of_all = [arm for arm in arms if ARMS[arm].others is not Others.BACKGROUND]
    return export_folder(claim, (of_all or arms)[0])


def selected_labels(part: ExportSplit, protocol: Protocol) -> dict[int, int]:
    """Return the label of each selected class by its category's id.

    Raises:
        ClaimError: the export is of other classes than the protocol.
    """
    labels = [label for label in part.table.labels if label.selected]
    if tuple(label.name for label in labels) != protocol.settings.classes:
        raise ClaimError(
            f"{part.name}: the export selects {', '.join(label.name for label in labels)}, the protocol "
            f"{', '.join(protocol.settings.classes)}. Begin a new check in another folder."
        )
    return {category_id: label.label for label in labels for category_id in label.category_ids}


def image_truth(part: ExportSplit, image_id: int, label_of: Mapping[int, int]) -> Truth:
    """Return what is in one image.

    Args:
        part: the test side of `truth_export`.
        image_id: of the image.
        label_of: see `selected_labels`.
    """
    image = part.split.image(image_id)
    shapes = [*image.shapes(), *([] if part.ignored is None else part.ignored.image(image_id).shapes())]
    own = label_map(shapes, label_of, native=image.size, size=image.size)
    others = {shape.category_id: _OTHER_LABEL for shape in shapes if shape.category_id not in label_of}
    if not others:
        return Truth(labels=own, ignored=np.zeros(len(label_of), dtype=np.int64))
    of_all = label_map(shapes, {**label_of, **others}, native=image.size, size=image.size)
    of_all[of_all == _OTHER_LABEL] = BACKGROUND_LABEL
    differs = own != of_all
    lost = np.bincount(own[differs], minlength=IGNORED_LABEL + 1)[1 : len(label_of) + 1]
    return Truth(labels=np.where(differs, IGNORED_LABEL, own).astype(np.uint8), ignored=lost.astype(np.int64))
