"""Groups and limits in words."""

from cocomine.coco.class_groups import ClassGroup
from cocomine.mining.selection.limit_counts import LimitCounts, limit_count_sentences
from cocomine.mining.selection.limits import Counted, Crowd, Limits
from cocomine.mining.selection.sentences import groups_sentence, limit_phrases, limits_sentences

EVERY = Limits(
    min_area_px=1024, crowd=Crowd.IGNORE, cap=500, balance=2.5, counted=Counted.OBJECTS, negatives=0.2, seed=3
)


def test_groups_are_named_with_their_classes() -> None:
    groups = (ClassGroup(name="vehicle", members=("car", "bus")), ClassGroup(name="mug", members=("cup",)))
    assert groups_sentence(groups) == "Grouped classes: vehicle (car and bus); mug (cup)."
    assert groups_sentence(()) == ""


def test_limits_are_told_at_length_and_in_short() -> None:
    assert limits_sentences(EVERY) == [
        "Objects of fewer than 1,024 pixels are left out.",
        "Crowd regions are left out.",
        "Each class has at most 500 objects.",
        "Each class has at most 2.5 times as many objects as the rarest one.",
        "20 % of the images of each split, as far as there are, have no such class.",
    ]
    assert limit_phrases(EVERY) == [
        "min. 1,024 px²",
        "no crowd regions",
        "max. 500 objects per class",
        "max. 2.5× the rarest class",
        "20 % negatives",
    ]
    assert (limits_sentences(Limits()), limit_phrases(Limits())) == ([], [])
    assert limit_phrases(Limits(cap=1)) == ["max. 1 image per class"]


def test_what_limits_remove_is_told_in_numbers() -> None:
    counts = LimitCounts(
        object_count=4000,
        small_count=1203,
        crowd_count=1,
        left_out_crowd_count=1,
        lost_image_count=1,
        matching_count=900,
        capped_count=400,
        negative_count=100,
        wanted_negative_count=125,
    )
    assert limit_count_sentences(counts, EVERY) == [
        "Minimum area: 1,203 of 4,000 objects left out.",
        "Crowd: 1 of 1 crowd region left out.",
        "1 image has no other object of the classes.",
        "Maximum and balance: 400 of 900 images left out.",
        "Negatives: 100 images added of 125: there are no more.",
    ]
