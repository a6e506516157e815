"""How does a drawn object become a COCO record?

A crowd is written as run lengths, any other object as the outlines of its parts; area and box are those that
pycocotools finds in what is written.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from pycocotools import mask as coco_mask
from scipy import ndimage

from cocomine.demo.scenes import DrawnObject
from cocomine.demo.shapes import Mask, without_holes

_SMALLEST_PART_PX = 10


def image_record(image_id: int, *, width: int, height: int, license_id: int) -> dict[str, Any]:
    """Return the record of an image, whose file is named by its id."""
    return {
        "license": license_id,
        "file_name": f"{image_id:012d}.jpg",
        "coco_url": "",
        "height": height,
        "width": width,
        "date_captured": "2017-01-01 00:00:00",
        "flickr_url": "",
        "id": image_id,
    }


def annotation_record(drawn: DrawnObject, *, category_id: int, image_id: int, annotation_id: int) -> dict[str, Any]:
    """Return the record of an object on its image."""
    height, width = drawn.mask.shape
    segmentation: Any = run_lengths(drawn.mask) if drawn.is_crowd else polygons_of(drawn.mask)
    encoded = coco_mask.frPyObjects(segmentation, height, width)
    if not drawn.is_crowd:
        encoded = coco_mask.merge(encoded)
    return {
        "segmentation": segmentation,
        "area": float(coco_mask.area(encoded)),
        "iscrowd": int(drawn.is_crowd),
        "image_id": image_id,
        "bbox": [float(side) for side in coco_mask.toBbox(encoded)],
        "category_id": category_id,
        "id": annotation_id,
    }


def run_lengths(mask: Mask) -> dict[str, list[int]]:
    """A mask (h, w) as COCO's uncompressed RLE: column by column, the first run counts zeros.

    Source: https://cocodataset.org/#format-data
    """
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    counts = np.diff(np.concatenate(([0], edges, [flat.size]))).tolist()
    return {"counts": [0, *counts] if flat[0] else counts, "size": list(mask.shape)}


def polygons_of(mask: Mask) -> list[list[float]]:
    """The outlines [x, y, x, y, ...] of a mask's connected parts, in pixels; holes are filled, specks left out."""
    (frame,) = ndimage.find_objects(mask.astype(np.uint8))
    labels, _ = ndimage.label(without_holes(mask[frame]))
    boxes = ndimage.find_objects(labels)
    parts = [labels[box] == label for label, box in enumerate(boxes, start=1)]
    sizes = [int(np.count_nonzero(part)) for part in parts]
    outlines = []
    for part, box, size in zip(parts, boxes, sizes, strict=True):
        if size >= min(_SMALLEST_PART_PX, max(sizes)):
            corner = [frame[1].start + box[1].start, frame[0].start + box[0].start]
            outlines.append(np.round(_simplified(_outline(part)) + np.array(corner), 2).ravel().tolist())
    return outlines


def _outline(part: Mask) -> npt.NDArray[np.complex128]:
    """The middles x + iy of the pixel edges around one 4-connected part without holes, in order.

    Where two pixels touch only at a corner, one of the other two would have to be enclosed, a filled hole;
    so each corner is left by exactly one edge and following them closes one loop.
    """
    padded = np.pad(part, 1)
    inner, stride = padded[1:-1, 1:-1], part.shape[1] + 1  # corners are numbered row by row
    following: dict[int, int] = {}
    for neighbour, start, end in (
        (padded[:-2, 1:-1], 0, 1),  # the edge above, from left to right
        (padded[1:-1, 2:], 1, stride + 1),
        (padded[2:, 1:-1], stride + 1, stride),
        (padded[1:-1, :-2], stride, 0),
    ):
        rows, columns = np.nonzero(inner & ~neighbour)
        corners = rows * stride + columns
        following.update(zip((corners + start).tolist(), (corners + end).tolist(), strict=True))
    loop = [next(iter(following))]
    while len(loop) < len(following):
        loop.append(following[loop[-1]])
    rows, columns = np.divmod(np.array(loop), stride)
    ring = columns + 1j * rows
    return np.asarray((ring + np.roll(ring, -1)) / 2)


def _simplified(ring: npt.NDArray[np.complex128], tolerance: float = 0.5) -> npt.NDArray[np.float64]:
    """A closed line, as (n, 2), without the points that lie within `tolerance` of the rest (Douglas-Peucker)."""
    far = int(np.abs(ring - ring[0]).argmax())
    line = np.append(ring, ring[0])
    keep, spans = {0, far}, [(0, far), (far, len(ring))]
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        chord = line[last] - line[first]
        offsets = np.abs(((line[first + 1 : last] - line[first]) * np.conj(chord)).imag)
        widest = int(offsets.argmax())
        if offsets[widest] > tolerance * abs(chord):
            middle = first + 1 + widest
            keep.add(middle)
            spans += [(first, middle), (middle, last)]
    kept = line[sorted(keep)]
    return np.stack((kept.real, kept.imag), axis=1)
