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
from pathlib import PurePosixPath

import numpy as np
import yaml

from cocomine.coco.masks import Shape
from cocomine.coco.size import Size
from cocomine.coco.split_role import SplitRole
from cocomine.exporting.formats.yolo_outlines import Outlining, outline_of
from cocomine.labels.table import BACKGROUND_LABEL, LabelTable
from cocomine.wording import join_names

HEAD = """\
# For Ultralytics YOLO: yolo segment train data=yolo/data.yaml
# The outlines are in ../labels, one text file per image. An object in several parts is one outline, its parts joined
# by lines; one without a mask is the outline of its box. Crowd regions and ignored classes are left out.
"""
DETECT_HEAD = """\
# For Ultralytics YOLO: yolo detect train data=yolo-detect/data.yaml
# The boxes are in labels, one text file per image. Crowd regions and ignored classes are left out.
"""
READ_ENDINGS = (".bmp", ".dng", ".jpeg", ".jpg", ".mpo", ".png", ".tif", ".tiff", ".webp")
"""Of the images that every version of Ultralytics reads; it passes over files with others without a word."""
USE_WORDS = {SplitRole.TRAIN: "training", SplitRole.VAL: "validation", SplitRole.TEST: "test"}
LOSSES = {
    Outlining.JOINED: "in several parts, joined by lines",
    Outlining.TRACED: "traced around their mask",
    Outlining.BOX: "without a mask, so the outline of their box",
    Outlining.NOTHING: "left out, with nothing in the image",
    Outlining.CROWD: "left out as crowd regions",
    Outlining.IGNORED: "left out, as they are ignored",
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
    classes = table.class_index_of_category
    for shape in _named(shapes, table):
        if why := _without_line(shape, table):
            outlinings[why] += 1
            continue
        ring, how = outline_of(shape, native=native)
        outlinings[how] += 1
        if len(ring):
            shares = (ring / size).ravel().tolist()
            lines.append(f"{classes[shape.category_id]}{' %.6g' * len(shares) % (*shares,)}\n")
    return YoloLabels(text="".join(lines), outlinings=outlinings)


def yolo_boxes(shapes: Iterable[Shape], table: LabelTable, *, native: Size) -> YoloLabels:
    """Return the lines of one image with boxes alone: class index, centre, width and height in shares of the image.

    Boxes are cut at the image's border; an object without one is that of its outline.

    Args:
        native: the image's own size, in which the shapes are given.
    """
    lines, outlinings, classes = [], Counter[Outlining](), table.class_index_of_category
    for shape in _named(shapes, table):
        if how := _without_line(shape, table):
            outlinings[how] += 1
        elif (box := _box_inside(shape, native)) is None:
            outlinings[Outlining.NOTHING] += 1
        else:
            outlinings[Outlining.BOX] += 1
            numbers = " ".join(f"{share:.6g}" for share in box)
            lines.append(f"{classes[shape.category_id]} {numbers}\n")
    return YoloLabels(text="".join(lines), outlinings=outlinings)


def _named(shapes: Iterable[Shape], table: LabelTable) -> list[Shape]:
    """Return those of some annotations whose class the table names, and what is ignored."""
    labels = table.label_of_category
    return [shape for shape in shapes if shape.is_ignored or shape.category_id in labels]


def _without_line(shape: Shape, table: LabelTable) -> Outlining | None:
    """Return why a shape has no line whatever it covers; None where it has one."""
    if shape.is_crowd:
        return Outlining.CROWD
    is_object = shape.category_id in table.class_index_of_category and not shape.is_ignored
    return None if is_object else Outlining.IGNORED


def _box_inside(shape: Shape, native: Size) -> tuple[float, float, float, float] | None:
    """Return an object's box inside the image as centre x and y, width and height in shares; None where nothing is."""
    left, top, width, height = shape.box_xywh
    if width > 0 and height > 0:
        corners = (left, top), (left + width, top + height)
    else:
        ring, _ = outline_of(shape, native=native)
        if not len(ring):
            return None
        corners = ring.min(axis=0).tolist(), ring.max(axis=0).tolist()
    (x, right), (y, bottom) = (
        (_share(first, side), _share(last, side)) for first, last, side in zip(*corners, native.xy, strict=True)
    )
    if x == right or y == bottom:
        return None
    return (x + right) / 2, (y + bottom) / 2, right - x, bottom - y


def _share(position: float, side: int) -> float:
    """Return a position along a side as a share of it; the nearer end where it lies beyond."""
    return min(max(position, 0.0), side) / side


def losses_sentence(outlinings: Mapping[str, int]) -> str:
    """Return which objects are not in YOLO's files as in the annotations, by `Outlining`; empty where all are."""
    parts = [f"{outlinings[how]:,} {words}" for how, words in LOSSES.items() if outlinings.get(how)]
    return f"YOLO outlines, objects: {'; '.join(parts)}." if parts else ""


def box_losses_sentence(tally: Mapping[str, int]) -> str:
    """Return which objects are not in YOLO's files with boxes; empty where all are."""
    parts = [
        f"{tally[how]:,} {LOSSES[how]}"
        for how in (Outlining.NOTHING, Outlining.CROWD, Outlining.IGNORED)
        if tally.get(how)
    ]
    return f"YOLO boxes, objects: {'; '.join(parts)}." if parts else ""


def yolo_uses(roles: Mapping[str, SplitRole | None]) -> dict[SplitRole, list[str]]:
    """Return the splits of each use as the data file names them.

    Ultralytics takes no file without both training and validation: where one of them has no split, those of the other
    stand in for it.

    Args:
        roles: of the splits that hold images; one without a role is named under no use.
    """
    uses = {use: [split for split, role in roles.items() if role is use] for use in SplitRole}
    for use, other in ((SplitRole.VAL, SplitRole.TRAIN), (SplitRole.TRAIN, SplitRole.VAL)):
        uses[use] = uses[use] or uses[other]
    return {use: splits for use, splits in uses.items() if splits}


def passed_over_sentence(names: Iterable[str]) -> str:
    """Return how many of these images Ultralytics does not read for the ending of their names; empty where none."""
    others = [name for name in names if not name.lower().endswith(READ_ENDINGS)]
    if not others:
        return ""
    endings = join_names(sorted({PurePosixPath(name).suffix.lower() or "no ending" for name in others}))
    have = "image has an ending" if len(others) == 1 else "images have endings"
    return (
        f"Ultralytics YOLO: {len(others):,} {have} that it passes over ({endings}), so it would train without. "
        "Save such images as JPEG or PNG."
    )


def stand_in_sentence(roles: Mapping[str, SplitRole | None]) -> str:
    """Return which use the data file fills with the images of another, and the remedy; empty where none."""
    for use, other in ((SplitRole.VAL, SplitRole.TRAIN), (SplitRole.TRAIN, SplitRole.VAL)):
        if use not in roles.values():
            is_there, named = other in roles.values(), f"names no {USE_WORDS[other]} images, either"
            named = f"names the {USE_WORDS[other]} images for {USE_WORDS[use]}, too" if is_there else named
            return (
                f"There are no {USE_WORDS[use]} images, without which Ultralytics refuses a data file: data.yaml "
                f"{named}. Divide the images anew, or say what the splits are for."
            )
    return ""


def yolo_data(
    roles: Mapping[str, SplitRole | None], table: LabelTable, *, images: str = "../images", head: str = HEAD
) -> str:
    """Return `data.yaml`: where the images of each use are, from its own folder, and the names by class index.

    Args:
        roles: see `yolo_uses`.
        images: the folder with a folder of images for each split, from that of the data file on.
        head: its first lines.
    """
    uses = {str(use): [f"{images}/{split}" for split in splits] for use, splits in yolo_uses(roles).items()}
    names = {label.label - 1: label.name for label in table.labels if label.label != BACKGROUND_LABEL}
    remark = f"# {sentence}\n" if (sentence := stand_in_sentence(roles)) else ""
    return head + remark + yaml.safe_dump(uses | {"names": names}, sort_keys=False, width=100)
