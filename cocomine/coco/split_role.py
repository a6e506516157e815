"""What is a split for, by its name: training, validation or testing?

The name is taken apart into words at digits, signs and capital letters, and only whole words count: `train2017`,
`lvis_v1_val`, `test-dev` and `minival2014` say what they are for, `medieval` and `modern_contest` do not.
"""

import re
from enum import StrEnum


class SplitRole(StrEnum):
    """What a split is for; the values are the words of YOLO's data file and of the command line."""

    TRAIN = "train"
    VAL = "val"
    TEST = "test"


WORDS = {
    SplitRole.TRAIN: {"train", "training", "trainset", "trainval", "valminusminival"},
    SplitRole.VAL: {"val", "valid", "validation", "valset", "minival", "dev", "eval", "evaluation"},
    SplitRole.TEST: {"test", "testing", "testset", "holdout"},
}
"""By role, the words that say it; of COCO 2014's val, `valminusminival` is what papers train on."""
ADDED_TO_TEST = {"dev"}
"""Words that say no more than that it is one of several test sets, as in COCO's `test-dev`."""


def role_of_name(name: str) -> SplitRole | None:
    """Return what the name of a split or of its folder says it is for; None where it says nothing, or two things."""
    apart = re.sub(r"(?<=[^\W\d_A-Z])(?=[A-Z])", " ", name)
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", apart)}
    if words & WORDS[SplitRole.TEST]:
        words -= ADDED_TO_TEST
    roles = [role for role, meant in WORDS.items() if words & meant]
    return roles[0] if len(roles) == 1 else None
