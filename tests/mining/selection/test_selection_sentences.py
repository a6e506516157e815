"""Groups and limits in words: in a few on a badge, in sentences in a README."""

import pytest

from cocomine.coco.class_groups import ClassGroup
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.sentences import group_words, groups_sentence, limit_phrases, limits_sentences

PETS = ClassGroup(name="pets", members=("cat", "dog", "parrot"))
MUG = ClassGroup(name="mug", members=("cup",))
ALL = Limits(min_area_px=1024, crowd=Crowd.IGNORE, cap=1500, balance=2.5, counted=Counted.OBJECTS, negatives=0.25)


def test_groups_are_told_with_their_classes() -> None:
    assert group_words(PETS) == "pets (cat, dog and parrot)"
    assert groups_sentence([]) == ""
    assert groups_sentence([PETS, MUG]) == "Grouped classes: pets (cat, dog and parrot); mug (cup)."


@pytest.mark.parametrize(
    ("limits", "phrases", "sentences"),
    [
        (Limits(), [], []),
        (Limits(min_area_px=1), ["min. 1 px²"], ["Objects of fewer than 1 pixel are left out."]),
        (Limits(crowd=Crowd.IGNORE), ["no crowd regions"], ["Crowd regions are left out."]),
        (Limits(cap=1), ["max. 1 image per class"], ["Each class has at most 1 image."]),
        (
            Limits(balance=1.0),
            ["max. 1× the rarest class"],
            ["Each class has at most 1 times as many images as the rarest one."],
        ),
        (
            ALL,
            [
                "min. 1,024 px²",
                "no crowd regions",
                "max. 1,500 objects per class",
                "max. 2.5× the rarest class",
                "25 % negatives",
            ],
            [
                "Objects of fewer than 1,024 pixels are left out.",
                "Crowd regions are left out.",
                "Each class has at most 1,500 objects.",
                "Each class has at most 2.5 times as many objects as the rarest one.",
                "25 % of the images of each split, as far as there are, have no such class.",
            ],
        ),
    ],
)
def test_each_limit_that_is_set_is_told(limits: Limits, phrases: list[str], sentences: list[str]) -> None:
    assert (limit_phrases(limits), limits_sentences(limits)) == (phrases, sentences)
