"""In what pieces is an export written and checked, so that several processes can share the work?

A batch has all that the files of some images of one split follow from: their columns, their names in the export, and
the rules. It is the same for any number of processes, and so are the files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from cocomine.coco.dataset import Split
from cocomine.exporting.label_files import LabelRules, label_rules
from cocomine.exporting.planning.image_names import exported_name
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.selection import SubsetSplit

IMAGES_AT_ONCE = 16
LEAST_IMAGES = 512
"""So many images are worth the second in which another process begins."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ImageBatch:
    """Some images of one split.

    Attributes:
        folder: of the export.
        split: with these images alone.
        names: of the images in the export, in the order of the split.
    """

    folder: Path
    split: Split
    names: tuple[str, ...]
    rules: LabelRules


def image_batches(plan: ExportPlan, folder: Path) -> Iterator[ImageBatch]:
    """Yield all images of a plan, in its order."""
    rules = label_rules(plan)
    for part in plan.parts:
        for start in _starts(part):
            index = part.image_index[start : start + IMAGES_AT_ONCE]
            names = tuple(exported_name(part.split, each) for each in index.tolist())
            yield ImageBatch(folder=folder, split=part.split.only_images(index), names=names, rules=rules)


def batch_ends(plan: ExportPlan) -> list[int]:
    """Return how many images are done with so many batches, from none on."""
    ends = [0]
    for part in plan.parts:
        sizes = [min(IMAGES_AT_ONCE, len(part.image_index) - start) for start in _starts(part)]
        ends += [ends[-1] + done for done in accumulate(sizes)]
    return ends


def _starts(part: SubsetSplit) -> range:
    return range(0, len(part.image_index), IMAGES_AT_ONCE)
