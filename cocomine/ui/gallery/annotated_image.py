"""One image with its objects drawn on it, for places that show a still image and no gallery."""

from cocomine.coco.dataset import ImageKey
from cocomine.drawing.images import annotated_jpeg
from cocomine.errors import UnreadableImage
from cocomine.ui.session.cached import Files, cached, files_of
from cocomine.ui.session.view import View, of_dataset


def annotated_image(view: View, image: ImageKey, *, longest_px: int, classes: tuple[str, ...] | None) -> bytes | None:
    """Return an image with its masks as JPEG, or None where its file is not on this computer or unreadable.

    Nothing is fetched, see `fetching`.

    Args:
        classes: names of the classes whose masks are drawn; None draws all, none of them gives the bare image.
    """
    path = view.dataset.image(image).path
    return None if path is None else _jpeg(view, image, longest_px, classes, files_of(path, [path]))


@cached(of_dataset, most=2000)
def _jpeg(view: View, image: ImageKey, longest_px: int, classes: tuple[str, ...] | None, file: Files) -> bytes | None:
    names, shapes = view.dataset.category_names, view.dataset.image(image).shapes()
    shown = [shape for shape in shapes if classes is None or names[shape.category_index] in classes]
    try:
        return annotated_jpeg(file.root, shown, longest_px=longest_px)
    except UnreadableImage:
        return None
