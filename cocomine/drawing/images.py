"""How does an image look with its masks drawn on it?

Where a still image is enough, Pillow draws polygons on a reduced copy, larger objects first. What can be pointed at is
drawn in the browser instead, see `outlines`.
"""

import io
from collections.abc import Iterable
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from cocomine.coco.image_file import image_size, read_image
from cocomine.coco.masks import Shape, polygons_of, scaled_mask
from cocomine.coco.paint_order import largest_first
from cocomine.coco.size import Size
from cocomine.colours import class_colour, rgb

FILL_ALPHA = 105
LINE_ALPHA = 255
JPEG_QUALITY = 85
REACH = 4
"""How far off an image, in its sides, a corner may lie that is drawn where it is."""


def annotated_jpeg(path: Path, shapes: Iterable[Shape], *, longest_px: int) -> bytes:
    """Return the image with the masks of its shapes as JPEG, in the colours that their classes have everywhere.

    Args:
        path: the image; grey, palette and CMYK images are shown in colour, EXIF rotation is not applied,
            since COCO's coordinates are those of the stored pixels.
        shapes: what to draw, in any order.
        longest_px: longer side of what is returned, at most.

    Raises:
        UnreadableImage: the image cannot be read.
    """
    return jpeg(annotated_image(path, shapes, longest_px=longest_px))


def annotated_image(path: Path, shapes: Iterable[Shape], *, longest_px: int) -> Image.Image:
    """Return the image with the masks of its shapes drawn in; see `annotated_jpeg`.

    Raises:
        UnreadableImage: the image cannot be read.
    """
    image, native = _reduced(path, longest_px)
    scale = image.width / native.width, image.height / native.height
    layer = Image.new("RGBA", image.size)
    for shape in largest_first(shapes, native):
        _draw_mask(layer, shape, native=native, scale=scale)
    image.paste(layer, mask=layer)
    return image


def image_jpeg(path: Path, *, longest_px: int) -> bytes:
    """Return the image alone as JPEG, reduced so that its longer side is at most this.

    Raises:
        UnreadableImage: the image cannot be read.
    """
    return jpeg(_reduced(path, longest_px)[0])


def label_map_png(labels: NDArray[np.uint8], colours: bytes, *, side_px: int) -> bytes:
    """Return a label map in its colours, enlarged without smoothing so that each pixel can be seen.

    Args:
        labels: (height, width).
        colours: 256 RGB triples.
        side_px: the result's longer side.
    """
    image = Image.fromarray(labels)
    image.putpalette(colours)
    factor = side_px / max(image.size)
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    buffer = io.BytesIO()
    image.resize(size, Image.Resampling.NEAREST).save(buffer, format="PNG")  # a palette packs in a third of the time
    return buffer.getvalue()


def jpeg(image: Image.Image) -> bytes:
    """Return an image as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()


def _reduced(path: Path, longest_px: int) -> tuple[Image.Image, Size]:
    """Return an image in colour, at most this large, and the size that it is stored with."""
    native = image_size(path)
    share = min(1.0, longest_px / max(native))
    image = read_image(path, at_least=Size(ceil(native.height * share), ceil(native.width * share)))
    image.thumbnail((longest_px, longest_px), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return image, native


def _draw_mask(layer: Image.Image, shape: Shape, *, native: Size, scale: tuple[float, float]) -> None:
    colour = rgb(class_colour(shape.category_index))
    if isinstance(shape.segmentation, dict):
        mask = scaled_mask(shape.segmentation, native=native, size=Size.of_xy(layer.size))
        layer.paste((*colour, FILL_ALPHA), mask=Image.fromarray(mask))
        return
    pen = ImageDraw.Draw(layer)
    for polygon in polygons_of(shape.segmentation):
        corners = zip(polygon[::2], polygon[1::2], strict=True)
        points = [(_near(x * scale[0], layer.width), _near(y * scale[1], layer.height)) for x, y in corners]
        pen.polygon(points, fill=(*colour, FILL_ALPHA), outline=(*colour, LINE_ALPHA))


def _near(value: float, side_px: int) -> float:
    """Return a coordinate no farther off an image than `REACH` of its sides: Pillow visits every pixel of a line."""
    return min(max(value, -REACH * side_px), (1 + REACH) * side_px)
