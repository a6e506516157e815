"""What can be expected of so many training images?

Two published curves of the same network with more and more images, trained on these alone, from weights of ImageNet:
the only ones at hand for few images of everyday scenes. They are mIoU with background, VOC at 321 px, of larger
networks than ours, so that they say how a result grows rather than what it will be.

Source: "SupBaseline" in the tables of https://github.com/LiheYoung/UniMatch (README at 0324f3d; Yang et al., CVPR 2023)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cocomine.wording import percent

SOURCE = "https://github.com/LiheYoung/UniMatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCurve:
    """Results of one network on more and more images.

    Attributes:
        points: training images, rising, with the mIoU in [0, 1].
    """

    data: str
    network: str
    points: Sequence[tuple[int, float]]


CURVES = (
    PublishedCurve(
        data="Pascal VOC 2012, 21 classes",
        network="DeepLabv3+, ResNet-101",
        points=((92, 0.451), (183, 0.553), (366, 0.648), (732, 0.697), (1464, 0.735)),
    ),
    PublishedCurve(
        data="COCO, 81 classes",
        network="DeepLabv3+, Xception-65",
        points=((232, 0.229), (463, 0.280), (925, 0.336), (1849, 0.378), (3697, 0.422)),
    ),
)
"""Classes are counted with the background."""


def expected_words(curve: PublishedCurve, image_count: int) -> str:
    """Return what a curve says of so many training images, such as "between 45.1 % (92 images) and 55.3 % (183)"."""
    first, last = curve.points[0], curve.points[-1]
    if image_count < first[0]:
        return f"below {percent(first[1], decimals=1)} (that took {first[0]:,} images)"
    if image_count >= last[0]:
        return f"{percent(last[1], decimals=1)} or more (reached with {last[0]:,} images)"
    low, high = next(pair for pair in pairwise(curve.points) if pair[0][0] <= image_count < pair[1][0])
    return f"between {percent(low[1], decimals=1)} ({low[0]:,} images) and {percent(high[1], decimals=1)} ({high[0]:,})"
