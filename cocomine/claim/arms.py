"""What are the arms of a claim check trained on?

All arms share network, optimiser, steps, batch and seeds, and are judged on the same test images by the same truth.
They differ in nothing but what this table says.
"""

from dataclasses import dataclass
from enum import StrEnum

from cocomine.mining.selection.selection import Others


class Images(StrEnum):
    """Where the training images of an arm are drawn from."""

    MINED = "mined"
    """every one has a selected class"""
    HALF = "half mined"
    """one half has a selected class, the other has none"""
    RANDOM = "random"
    """as they come: a random image rarely has the class"""


class ArmName(StrEnum):
    """How an arm is called, in files and on the command line."""

    SELECTED = "A"
    AGAIN = "A2"
    HALF = "E"
    ALL = "C"
    RANDOM = "D"
    RANDOM_ALL = "B"
    MERGED = "M"
    IGNORED = "I"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What one arm is trained on.

    Attributes:
        images: which images.
        others: what becomes of the classes that are not selected; `KEEP` trains on all labels.
        seed_offset: added to each seed; the arm "A2" is "A" with other seeds, so any difference between them is chance.
        words: what it is trained on, as a person reads it.
    """

    name: ArmName
    images: Images
    others: Others
    words: str
    seed_offset: int = 0


ARMS = {
    arm.name: arm
    for arm in (
        Arm(name=ArmName.SELECTED, images=Images.MINED, others=Others.BACKGROUND, words="selected images only"),
        Arm(name=ArmName.HALF, images=Images.HALF, others=Others.BACKGROUND, words="half without the classes"),
        Arm(name=ArmName.ALL, images=Images.MINED, others=Others.KEEP, words="selected images, all labels"),
        Arm(
            name=ArmName.AGAIN,
            images=Images.MINED,
            others=Others.BACKGROUND,
            words="selected images, other seeds",
            seed_offset=1_000,
        ),
        Arm(name=ArmName.RANDOM, images=Images.RANDOM, others=Others.BACKGROUND, words="random images"),
        Arm(name=ArmName.RANDOM_ALL, images=Images.RANDOM, others=Others.KEEP, words="random images, all labels"),
        Arm(name=ArmName.MERGED, images=Images.MINED, others=Others.MERGE, words="selected images, the rest one class"),
        Arm(name=ArmName.IGNORED, images=Images.MINED, others=Others.IGNORE, words="selected images, the rest ignored"),
    )
}
DEFAULT_ARMS = (ArmName.SELECTED, ArmName.HALF, ArmName.ALL)
OF_LEARNING_SPEED = (ArmName.SELECTED, ArmName.ALL)
"""The arms that are trained longer as well: a network with more labels to learn may be slow without being disturbed."""
LONGER = 3
"""So many times the steps."""
