"""How does a subset look at a glance?

Eight images, evenly spaced in the export's order, with the masks of the selected classes, as one JPEG. The same images
and the same version of Pillow give the same bytes. An image that cannot be read leaves its place empty.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from cocomine.drawing.images import annotated_image, jpeg
from cocomine.errors import UnreadableImage
from cocomine.exporting.planning.plan import ExportPlan
from cocomine.mining.selection.selection import SubsetSplit

CONTACT_SHEET = "contact_sheet.jpg"
COLUMNS, ROWS = 4, 2
CELL_PX = (256, 192)
"""Width and height."""
GAP_PX = 4
PAPER = (238, 238, 238)


def sheet_size() -> tuple[int, int]:
    """Return width and height of a contact sheet."""
    width, height = (cell + GAP_PX for cell in CELL_PX)
    return COLUMNS * width + GAP_PX, ROWS * height + GAP_PX


def sheet_images(plan: ExportPlan) -> Sequence[tuple[SubsetSplit, int]]:
    """Return the images of an export's contact sheet: each one's part and position in the split."""
    images = list(plan.images())
    count = min(len(images), COLUMNS * ROWS)
    return [images[index] for index in np.linspace(0, len(images) - 1, count).round().astype(int)]


def contact_sheet(plan: ExportPlan, path_of: Callable[[SubsetSplit, int], Path]) -> bytes:
    """Return the contact sheet as JPEG.

    Args:
        path_of: says where the export has an image's file.
    """
    sheet = Image.new("RGB", sheet_size(), PAPER)
    for place, (part, index) in enumerate(sheet_images(plan)):
        image = _drawn(plan, path_of(part, index), part, index)
        if image is not None:
            row, column = divmod(place, COLUMNS)
            left = GAP_PX + column * (CELL_PX[0] + GAP_PX) + (CELL_PX[0] - image.width) // 2
            top = GAP_PX + row * (CELL_PX[1] + GAP_PX) + (CELL_PX[1] - image.height) // 2
            sheet.paste(image, (left, top))
    return jpeg(sheet)


def _drawn(plan: ExportPlan, path: Path, part: SubsetSplit, index: int) -> Image.Image | None:
    """Return an image with its masks, no larger than its place; None where it cannot be read."""
    classes = plan.table.class_index_of_category
    shapes = [shape for shape in part.split.image_at(index).shapes() if shape.category_id in classes]
    try:
        image = annotated_image(path, shapes, longest_px=max(CELL_PX))
    except UnreadableImage:
        return None
    image.thumbnail(CELL_PX)
    return image
