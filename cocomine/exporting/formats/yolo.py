"""How do networks of the YOLO family read the objects?

One text file per image, one line per object: the class index, then its outline as x y x y ... in shares of the image's
width and height. Class indices count from 0 in the order of the label maps' values, which start at 1. Three rules:

* An object in several parts is one line, or it would be counted several times;
  see `yolo_outlines` for how one line covers parts, holes and what is cut off.
* An object with a box alone is the outline of its box, four corners. A box as x y width height would be read as two
  points of an outline as soon as another line of the file has one.
* Crowd regions and ignored classes have no line: the format knows neither.

YOLO looks for `labels/<split>/<name>.txt` where the image is in
`images/<split>/`, whatever the data file says, so that is where they are.

Source: https://docs.ultralytics.com/datasets/segment/; `img2label_paths`,
`verify_image_label`, `polygon2mask` and `check_det_dataset` in ultralytics/data/utils.py
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import yaml

from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.formats.yolo_outlines import Outlining, outline_of
from cocomine.labels.table import BACKGROUND_LABEL, LabelTable

HEAD = """\
# For Ultralytics YOLO: yolo segment train data=yolo/data.yaml
# The outlines are in ../labels, one text file per image. An object in several parts is one outline, its parts joined
# by lines; one without a mask is the outline of its box. Crowd regions and ignored classes are left out.
"""
LOSSES = {
    Outlining.JOINED: "in several parts, joined by lines",
    Outlining.TRACED: "traced around their mask",
    Outlining.BOX: "without a mask, so the outline of their box",
    Outlining.NOTHING: "left out, with nothing in the image",
    Outlining.CROWD: "left out as crowd regions",
    Outlining.IGNORED: "left out, of ignored classes",
}
"""What is not as in the annotations, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class YoloLabels:
    """The lines of one image.

    Attributes:
        text: of the file.
        outlinings: how many of its annotations became a line in which way, or none.
    """

    text: str
    outlinings: Counter[Outlining]


def yolo_labels(shapes: Iterable[Shape], table: LabelTable, *, native: Size) -> YoloLabels:
    """Return the lines of one image.

    Args:
        native: the image's own size, in which the shapes are given.
    """
    size, lines, outlinings = np.array(native.xy), [], Counter[Outlining]()
    classes, labels = table.class_index_of_category, table.label_of_category
    for shape in shapes:
        if shape.category_id not in labels and not shape.is_ignored:
            continue
        if shape.is_crowd or shape.is_ignored or shape.category_id not in classes:
            outlinings[Outlining.CROWD if shape.is_crowd else Outlining.IGNORED] += 1
            continue
        ring, how = outline_of(shape, native=native)
        outlinings[how] += 1
        if len(ring):
            shares = (ring / size).ravel().tolist()
            lines.append(" ".join([str(classes[shape.category_id]), *(f"{share:.6g}" for share in shares)]) + "\n")
    return YoloLabels(text="".join(lines), outlinings=outlinings)


def losses_sentence(outlinings: Mapping[str, int]) -> str:
    """Return which objects are not in YOLO's files as in the annotations, by `Outlining`; empty where all are."""
    parts = [f"{outlinings[how]:,} {words}" for how, words in LOSSES.items() if outlinings.get(how)]
    return f"YOLO outlines, objects: {'; '.join(parts)}." if parts else ""


def yolo_data(roles: Mapping[str, SplitRole | None], table: LabelTable) -> str:
    """Return `data.yaml`: where the images of each use are, from its own folder, and the names by class index.

    Args:
        roles: what each split is for; one without a role is named under no use.
    """
    uses = {str(use): [f"../images/{split}" for split, role in roles.items() if role is use] for use in SplitRole}
    names = {label.label - 1: label.name for label in table.labels if label.label != BACKGROUND_LABEL}
    value = {use: folders for use, folders in uses.items() if folders} | {"names": names}
    return HEAD + yaml.safe_dump(value, sort_keys=False, width=100)
