"""What a browser needs to draw one page of the gallery: reduced images, and the objects' outlines as lines.

Reduced image and outlines are made once and kept; which classes are drawn is decided here, and what of them is
shown is decided in the browser.
"""

import base64
import json
from collections.abc import Iterable, Sequence

from cocomine.coco.dataset import ImageKey
from cocomine.colours import class_colour
from cocomine.drawing.images import image_jpeg
from cocomine.drawing.outlines import Outline, outlines_of_image, size_in_units
from cocomine.errors import UnreadableImage
from cocomine.ui.session.cached import Files, cached, files_of, same_files
from cocomine.ui.session.view import View, of_dataset

THUMBNAIL_PX = 480
"""Longer side of the images on the page."""
LARGE_PX = 1600
"""Longer side of an image that was opened."""


def gallery_page_json(
    view: View, images: Sequence[ImageKey], classes: tuple[str, ...] | None, *, longest_px: int = THUMBNAIL_PX
) -> str:
    """Return images with their objects as JSON.

    `{"classes": {category index: [name, colour]}, "images": [{"split", "id", "file", "size": [width, height] in pixels,
    "units": [width, height], "jpeg": base64 or null, "objects": [outline, ...]}, ...]}`

    Args:
        classes: names of those whose objects are drawn; None draws all.
    """
    categories = view.dataset.categories
    drawn = set(range(len(categories))) if classes is None else set(map(view.dataset.category_index_of, classes))
    found: set[int] = set()
    parts = []
    for image in images:
        objects = [each for each in _outlines(view, image) if each.category_index in drawn]
        found |= {each.category_index for each in objects}
        parts.append(_image_json(view, image, objects, longest_px))
    named = {index: (categories[index].name, class_colour(index)) for index in sorted(found)}
    return f'{{"classes":{json.dumps(named)},"images":[{",".join(parts)}]}}'


def reduced_jpeg(view: View, image: ImageKey, longest_px: int) -> str | None:
    """Return an image as JPEG in base64, or None where its file is missing or unreadable.

    Nothing is fetched: who shows images fetches them together before, within a bound, see `fetching`.
    """
    path = view.dataset.image(image).path
    try:
        return None if path is None else _jpeg(files_of(path, [path]), longest_px)
    except (OSError, UnreadableImage):  # gone meanwhile, or damaged
        return None


def _image_json(view: View, image: ImageKey, objects: Iterable[Outline], longest_px: int) -> str:
    found = view.dataset.image(image)
    about = {
        "split": image[0],
        "id": image[1],
        "file": found.file_name,
        "size": found.size.xy,
        "units": size_in_units(found.size).xy,
        "jpeg": reduced_jpeg(view, image, longest_px),
    }
    return f'{json.dumps(about)[:-1]},"objects":[{",".join(each.as_json() for each in objects)}]}}'


@cached(same_files, most=600)
def _jpeg(file: Files, longest_px: int) -> str:
    return base64.b64encode(image_jpeg(file.root, longest_px=longest_px)).decode()


@cached(of_dataset, most=2000)
def _outlines(view: View, image: ImageKey) -> list[Outline]:
    return outlines_of_image(view.dataset.image(image))
