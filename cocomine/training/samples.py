"""What does the network predict by now?

The same few validation images at each evaluation. Of each the image and its ground truth are kept once, and its
prediction at each evaluation, all reduced alike; label maps are palette PNGs in the export's colours.
"""

from pathlib import Path

from PIL import Image

from cocomine.coco.image_file import read_image
from cocomine.coco.size import Size
from cocomine.drawing.images import jpeg
from cocomine.exporting.formats.label_png import label_png
from cocomine.system.files import write_bytes
from cocomine.training.data import UInt8Array
from cocomine.training.runs.sample_files import image_file, prediction_file, truth_file
from cocomine.training.runs.true_images import resized_labels, shown_size

SAMPLE_COUNT = 6


def write_sample(
    folder: Path,
    step: int,
    *,
    image_id: int,
    image_path: Path,
    truth: UInt8Array,
    prediction: UInt8Array,
    colours: bytes,
) -> None:
    """Write what an image is predicted as at a step, and the image with its ground truth if they are not there yet.

    Args:
        folder: Of all samples of a run.
        truth: (height, width), at the image's own size, as `prediction` is.
        colours: Of the labels, 256 RGB triples.

    Raises:
        UnreadableImage: The image is gone or damaged, and was not kept before.
    """
    size = shown_size(Size(*truth.shape))
    path = prediction_file(folder, step, image_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not image_file(folder, image_id).is_file():
        image = read_image(image_path, at_least=size).resize(size.xy, Image.Resampling.BILINEAR)
        write_bytes(truth_file(folder, image_id), _reduced_png(truth, size, colours))
        write_bytes(image_file(folder, image_id), jpeg(image))
    write_bytes(path, _reduced_png(prediction, size, colours))


def _reduced_png(labels: UInt8Array, size: Size, colours: bytes) -> bytes:
    return label_png(resized_labels(Image.fromarray(labels), size), colours)
