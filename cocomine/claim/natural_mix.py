"""Which images judge all arms of a claim check?

A random draw is the natural mix. Images with a selected class are rare in it, so that others with one are added; those
count among the images with a class alone.
"""

from collections.abc import Sequence

import numpy as np

from cocomine.claim.image_pools import Pool
from cocomine.claim.records import ClaimSettings, TestImages
from cocomine.errors import ClaimError
from cocomine.wording import counted

FEWEST_WITH_CLASS = 5
"""Test images with a selected class; on fewer nothing can be said at all."""


def drawn_test_images(
    pool: Pool, settings: ClaimSettings, selected: Sequence[int], rivals: Sequence[tuple[str, int]]
) -> TestImages:
    """Return the first images of a pool as the natural mix, and further ones with a selected class.

    Args:
        pool: images in a random order.
        selected: positions of the selected classes.
        rivals: names and positions of the classes by which the test images are split.

    Raises:
        ClaimError: there are too few with a selected class.
    """
    natural, rest = np.split(pool.image_index, [settings.test_image_count])
    with_class = int(np.count_nonzero(pool.of(natural)[:, selected].any(axis=1)))
    further = rest[pool.of(rest)[:, selected].any(axis=1)][: max(0, settings.test_image_count - with_class)]
    if with_class + len(further) < FEWEST_WITH_CLASS:
        raise ClaimError(
            f"{pool.split.name}: only {counted(with_class + len(further), 'test image')} with "
            f"{' or '.join(settings.classes)}; {FEWEST_WITH_CLASS} are the least. Choose more frequent classes, "
            "more test images, or a dataset with more images."
        )
    drawn = np.concatenate([natural, further])
    drawn = drawn[np.argsort(pool.split.images.ids[drawn], kind="stable")]
    return TestImages(
        split=pool.split.name,
        image_ids=tuple(pool.split.images.ids[drawn].tolist()),
        is_natural=tuple(np.isin(drawn, natural).tolist()),
        has=tuple(map(tuple, pool.of(drawn)[:, selected].tolist())),
        rivals=tuple(name for name, _ in rivals),
        has_rival=tuple(map(tuple, pool.of(drawn)[:, [index for _, index in rivals]].tolist())),
    )


def mix_notices(test: TestImages, settings: ClaimSettings) -> list[str]:
    """Return what of the test images is not as it was asked for."""
    found, natural_count = [], sum(test.is_natural)
    if natural_count < settings.test_image_count:
        found.append(
            f"{test.split} has {counted(natural_count, 'image')} for testing; {settings.test_image_count:,} were asked "
            "for."
        )
    if all(any(has) for has in test.has):
        found.append("Every test image has a selected class, so false alarms on other images cannot be seen.")
    return found
