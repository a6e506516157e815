"""What does an image look like without some of its objects?

Two ways to fill their pixels, because each alone leaves a trace that a network may answer to: noise around the mean
colour of a ring about the objects, and the blurred surroundings. A control covers as many pixels of the same shape
elsewhere in the image, so that what the filling itself does can be taken off.

Source: Shetty, Schiele, Fritz, "Not Using the Car to See the Sidewalk", CVPR 2019, for erasing objects to measure what
a network takes from context.
"""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

Pixels = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]
RING_SHARE = 1 / 16  # width of the ring, of the image's shorter side
BLUR_SHARE = 1 / 8  # standard deviation of the blur, of the same
CONTROL_TRIES = 32
_LEAST_WEIGHT = 1e-3  # of surroundings that reach a pixel in the blur; below, their mean colour is taken


def filled_with_ring(pixels: Pixels, mask: Mask, rng: np.random.Generator) -> Pixels:
    """Return an image (h, w, 3) whose pixels in `mask` (h, w) have the colours of a ring about them.

    Noise is normal, with the ring's mean and standard deviation by channel.

    Raises:
        ValueError: The mask covers the whole image.
    """
    ring = _ring(mask)
    filled = pixels.copy()
    noise = rng.normal(pixels[ring].mean(0), pixels[ring].std(0), (int(mask.sum()), 3))
    filled[mask] = noise.round().clip(0, 255)
    return filled


def filled_with_blur(pixels: Pixels, mask: Mask) -> Pixels:
    """Return an image (h, w, 3) whose pixels in `mask` (h, w) are the blurred pixels outside it.

    Raises:
        ValueError: The mask covers the whole image.
    """
    outside = ~mask
    _require_outside(mask)
    sigma = max(1.0, min(mask.shape) * BLUR_SHARE)
    weight = ndimage.gaussian_filter(outside.astype(np.float64), sigma, mode="nearest")
    seen = np.where(outside[..., np.newaxis], pixels, 0).astype(np.float64)
    sums = ndimage.gaussian_filter(seen, (sigma, sigma, 0), mode="nearest")
    mean = pixels[outside].mean(0)
    is_near = weight > _LEAST_WEIGHT
    blurred = np.where(is_near[..., np.newaxis], sums / np.where(is_near, weight, 1)[..., np.newaxis], mean)
    filled = pixels.copy()
    filled[mask] = blurred[mask].round().clip(0, 255)
    return filled


def control_mask(mask: Mask, foreground: Mask, rng: np.random.Generator) -> Mask:
    """Return the same shape shifted elsewhere, (h, w), as many pixels large.

    Of `CONTROL_TRIES` random shifts around the image's edges the one that covers the fewest pixels of `foreground`,
    the first of equal ones.
    """
    height, width = mask.shape
    shifts = zip(rng.integers(height, size=CONTROL_TRIES), rng.integers(width, size=CONTROL_TRIES), strict=True)
    shifted = (np.roll(mask, (int(down), int(right)), (0, 1)) for down, right in shifts)
    return min(shifted, key=lambda each: int(np.count_nonzero(each & foreground)))


def _ring(mask: Mask) -> Mask:
    _require_outside(mask)
    width = max(1, round(min(mask.shape) * RING_SHARE))
    ring: Mask = ndimage.binary_dilation(mask, iterations=width) & ~mask
    return ring


def _require_outside(mask: Mask) -> None:
    if mask.all():
        raise ValueError("the mask covers the whole image, so there is nothing to fill it with")
