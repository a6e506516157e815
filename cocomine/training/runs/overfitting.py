"""What does it mean that a network learned a few images by heart, or could not?

An overfit test trains on a few images and is judged on the same few. Its numbers say nothing about other images, so
they stand beside no other run's; but where they stay low, no longer run can succeed.
"""

from cocomine.training.runs.config import TrainingConfig
from cocomine.training.runs.records import EvalLine
from cocomine.wording import counted, percent

FITS_FROM = 0.9
"""Class mIoU on the images that were trained on, above which they count as learned."""


def overfit_notice(image_count: int) -> str:
    """Return what must be known about the numbers of an overfit test for as long as they are looked at."""
    return (
        f"Overfit test: trained on {counted(image_count, 'image')} and judged on the same. Its numbers say nothing "
        "about other images and are compared with no other run."
    )


def judged_images(config: TrainingConfig, image_count: int) -> str:
    """Return on which images a run is judged, such as "36 validation images"."""
    if config.is_overfit_test:
        return f"the {counted(image_count, 'image')} that it trained on"
    return counted(image_count, "validation image")


def overfit_verdict(line: EvalLine, *, is_over: bool) -> str:
    """Return what an overfit test says so far.

    Args:
        line: Its last evaluation.
        is_over: Whether it goes no further.
    """
    images, reached = counted(line.image_count, "image"), line.mean_iou
    if reached is None:
        return f"None of your classes occurs in the {images} of the test, so nothing can be learned from them."
    number = f"mIoU {percent(reached, decimals=1)} on the images that were trained on"
    if reached > FITS_FROM:
        return f"Fits {images}: the data and labels can be learned ({number})."
    if not is_over:
        return f"Not fitted yet: {number}; above {percent(FITS_FROM)} the data and labels can be learned."
    return (
        f"Does not fit {images}: {number}. A longer run on more images will not do better. Look at the training masks "
        "on Check: masks that do not match their images, or objects of a few pixels, cannot be learned. Else try more "
        "steps or another learning rate."
    )
